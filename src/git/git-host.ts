// Interface under construction by git's owner.
// biome-ignore lint/suspicious/noEmptyInterface: to be filled
export interface GitHost {}
