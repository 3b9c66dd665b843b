module.exports = { testMatch: ["**/*.test.cjs"], setupFilesAfterEnv: ["putevents-mock/jest"], transform: {} };
