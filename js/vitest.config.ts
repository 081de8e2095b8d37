import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    environment: "happy-dom",
    setupFiles: ["test/parts.ts"],
    include: ["test/**/*.test.{ts,tsx}"],
    // A slow machine needs longer than five seconds for a million points.
    testTimeout: 60_000,
  },
});
