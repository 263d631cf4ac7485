import { commentedFile } from "../../daemon/config/commented-file.ts";

const head = `# Settings of the box's blut; a user's own are read from ~/.config/blut/blut.toml. See blut.toml(5).
# What is commented out is what holds without it.
`;

/** A blut.toml that changes nothing and names every setting. */
export function defaultConfig(): string {
  return commentedFile(head);
}
