import { join } from "node:path";
import ts from "typescript";

/**
 * Writes the types of `blut/cookbook` for people's editors and compilers, into a directory. Throws with what the compiler
 * said when the sources do not pass it.
 */
export function writeTypes(root: string, into: string): void {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), (file) =>
    ts.sys.readFile(file),
  ) as { config: { compilerOptions: object } };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const program = ts.createProgram([join(root, "daemon/cookbook/index.ts")], {
    ...options,
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    typeRoots: [join(root, "node_modules/@types")],
    rootDir: root,
    outDir: into,
  });
  const { diagnostics } = program.emit();
  const said = [...ts.getPreEmitDiagnostics(program), ...diagnostics];
  if (said.length > 0) {
    throw new Error(said.map(({ messageText }) => JSON.stringify(messageText)).join("\n"));
  }
}
