/** What AWS demands of one shape of an input. Numbers count characters, elements, bytes, or are the value itself, by type. */
export interface ContractShape {
  type:
    | 'string'
    | 'blob'
    | 'integer'
    | 'long'
    | 'float'
    | 'double'
    | 'boolean'
    | 'timestamp'
    | 'structure'
    | 'list'
    | 'map';
  min?: number;
  max?: number;
  /** A Java regular expression that the whole value has to match. */
  pattern?: string;
  enum?: string[];
  /** Its value must never show up in a message. */
  sensitive?: true;
  /** structure: names of required members. */
  required?: string[];
  /** structure: member name to shape name; only members that are constrained somewhere. */
  members?: Record<string, string>;
  /** list: shape name of the elements; absent when these are not constrained. */
  member?: string;
  /** map: shape names; absent when these are not constrained. */
  key?: string;
  value?: string;
}

/** The constraints of one service's inputs: a file of `contracts/`, made by tools/contracts from botocore's model. */
export interface Contract {
  /** botocore's name of the service: `secretsmanager`. */
  service: string;
  apiVersion: string;
  /** Operation name to the name of its input shape; operations without constraints are left out. */
  operations: Record<string, string>;
  shapes: Record<string, ContractShape>;
}
