export async function explainCommand(_argv: string[]): Promise<number> {
  return 2;
}
