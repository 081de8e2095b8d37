import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { environment: "happy-dom", setupFiles: ["test/parts.ts"], include: ["test/**/*.test.{ts,tsx}"] },
});
