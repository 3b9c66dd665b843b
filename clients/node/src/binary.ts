// The binary that this package wraps: that of the platform's package, or the one that PUTEVENTS_MOCK_BINARY names.

/**
 * Returns the path of the binary.
 *
 * @throws Error if no package of this platform is installed and PUTEVENTS_MOCK_BINARY is not set.
 */
export function binaryPath(): string {
  const chosen = process.env.PUTEVENTS_MOCK_BINARY;
  if (chosen) {
    return chosen;
  }
  const platform = `${process.platform}-${process.arch}`;
  const file = process.platform === "win32" ? "putevents-mock.exe" : "putevents-mock";
  try {
    return require.resolve(`@putevents-mock/${platform}/bin/${file}`);
  } catch {
    throw new Error(
      `there is no binary of putevents-mock for ${platform}: run \`npm install\` without --omit=optional, ` +
        "or run `cargo install putevents-mock --features cli` and set PUTEVENTS_MOCK_BINARY to its path",
    );
  }
}

/** Says why the binary could not be started. */
export function notStarted(path: string, error: NodeJS.ErrnoException): string {
  const chosen = process.env.PUTEVENTS_MOCK_BINARY ? "; PUTEVENTS_MOCK_BINARY names it" : "";
  return `cannot start ${path}: ${error.code === "ENOENT" ? "there is no such file" : error.message}${chosen}`;
}
