// Interface under construction by the executors' owner (see DESIGN.md, Executors).
export interface Executor {
  readonly kind: 'process' | 'docker' | 'dummy';
}
