import { afterEach, describe, expect, it, vi } from "vitest";
import { askHost, copyText, HOST_EVENT, type HostDetail } from "../src/widget/host";

afterEach(() => vi.unstubAllGlobals());

describe("copying", () => {
  it("uses the clipboard, and the old way where there is none", async () => {
    const writeText = vi.fn(() => Promise.resolve());
    vi.stubGlobal("navigator", { clipboard: { writeText } });
    expect(await copyText("a")).toBe(true);
    vi.stubGlobal("navigator", {});
    const copied: string[] = [];
    document.execCommand = () => {
      copied.push(document.querySelector("textarea")?.value ?? "");
      return true;
    };
    expect(await copyText("b")).toBe(true);
    expect([writeText.mock.calls, copied]).toEqual([[["a"]], ["b"]]);
    expect(document.querySelector("textarea")).toBeNull();
  });

  it("that is not allowed is said", async () => {
    vi.stubGlobal("navigator", { clipboard: { writeText: () => Promise.reject(new Error("denied")) } });
    document.execCommand = () => false;
    expect(await copyText("a")).toBe(false);
  });
});

describe("asking the page", () => {
  it("ends when the page has done it", async () => {
    const element = document.createElement("div");
    let finish = () => {};
    element.addEventListener(HOST_EVENT, (event) =>
      (event as CustomEvent<HostDetail>).detail.respond(new Promise<void>((resolve) => (finish = resolve))),
    );
    const isDone = askHost(element, { kind: "cell.insert", source: "x" });
    finish();
    expect(await isDone).toBe(true);
  });

  it("is answered with no where nobody listens", async () => {
    expect(await askHost(document.createElement("div"), { kind: "cell.insert", source: "x" })).toBe(false);
  });
});
