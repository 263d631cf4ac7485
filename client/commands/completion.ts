import { InvalidArgumentError, type Command } from "commander";
import { exitCodes } from "../../daemon/protocol/units.ts";
import { completionScripts, type Shell } from "../completion-scripts.ts";
import type { Act } from "../verb.ts";

/** `completion`: a script on stdout that completes verbs, options and live ids. */
export function define(command: Command, act: Act): void {
  command.description("Print a script that completes verbs, options, and live ids.");
  command
    .argument("<shell>", "bash, zsh or fish", readShell)
    .addHelpText(
      "after",
      [
        "",
        "To turn it on:",
        "  bash  cd ~/.local/share/bash-completion/completions",
        "        blutctl completion bash > blutctl",
        "  zsh   blutctl completion zsh > _blutctl    in a folder of $fpath",
        "  fish  blutctl completion fish > ~/.config/fish/completions/blutctl.fish",
      ].join("\n"),
    )
    .action((shell: Shell) =>
      act(command, (session) => {
        session.output.answer({ script: completionScripts[shell] }, ({ script }) =>
          script.trimEnd(),
        );
        return Promise.resolve(exitCodes.success.code);
      }),
    );
}

function readShell(text: string): Shell {
  if (text === "bash" || text === "zsh" || text === "fish") return text;
  throw new InvalidArgumentError(`expected bash, zsh or fish, got ${JSON.stringify(text)}`);
}
