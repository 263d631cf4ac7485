/** One thing the word could become, and a few words about it. */
export interface Candidate {
  readonly value: string;
  readonly about: string;
}
