/** One thing that a set-up changes. */
export type Step = { readonly what: string } & (
  | {
      readonly kind: "write";
      readonly file: string;
      readonly text: string;
      readonly before?: string;
    }
  | { readonly kind: "remove"; readonly file: string }
  | { readonly kind: "run"; readonly command: readonly [string, ...string[]] }
);
