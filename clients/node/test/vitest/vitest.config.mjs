export default { test: { setupFiles: ["putevents-mock/vitest"], include: ["**/*.test.mjs"] } };
