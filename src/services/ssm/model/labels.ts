/** Labels that AWS refuses: they start with a digit, `aws` or `ssm`, are longer than 100, or have other characters. */
export function invalidLabels(labels: string[]): string[] {
  return labels.filter((label) => !/^(?!\d|aws|ssm)[\w.-]{1,100}$/i.test(label));
}
