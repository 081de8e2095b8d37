import { beforeEach, describe, expect, it } from "vitest";
import type { Model } from "../src/widget/bridge";
import { keepHearing } from "../src/widget/hearing";

type Take = (message: unknown) => unknown;

/** A model as anywidget keeps it on a Jupyter page, with the comm that brings its messages. */
class Page {
  isGivenUp = false;
  take: Take = (message) => this.handle(message);
  readonly heard: unknown[] = [];
  readonly #listeners: ((content: unknown) => void)[] = [];

  readonly pageModel = {
    comm: {
      on_msg: (take: Take) => {
        this.take = take;
      },
    },
    _handle_comm_msg: (message: unknown) => this.handle(message),
    trigger: (_name: string, content: unknown) => {
      for (const listener of this.#listeners) listener(content);
    },
  };

  model(found: unknown = this.pageModel): Model {
    return {
      get: (name) => (name === "own_id" ? "m1" : undefined),
      send: () => undefined,
      on: (_name, listener) => void this.#listeners.push((content) => listener(content, [])),
      off: () => undefined,
      widget_manager: { get_model: async (id) => (id === "m1" ? found : null) },
    };
  }

  async handle(message: unknown): Promise<void> {
    if (this.isGivenUp) throw new Error("[anywidget] Failed to initialize model.");
    const { method, content } = (message as { content: { data: { method: string; content: unknown } } }).content.data;
    if (method === "custom") this.pageModel.trigger("msg:custom", content);
  }

  /** A message of the kernel. */
  async say(content: unknown, method = "custom"): Promise<string> {
    try {
      await this.take({ content: { data: { method, content } } });
      return "taken";
    } catch (error) {
      return String(error);
    }
  }
}

let page: Page;

beforeEach(async () => {
  page = new Page();
  const model = page.model();
  model.on("msg:custom", (content) => page.heard.push(content));
  await keepHearing(model);
});

describe("a widget", () => {
  it("that anywidget has given up hears each message once", async () => {
    page.isGivenUp = true;
    expect(await page.say({ id: "1" })).toBe("taken");
    expect(await page.say({ id: "2" })).toBe("taken");
    expect(page.heard).toEqual([{ id: "1" }, { id: "2" }]);
  });

  it("that was there in time hears each message once", async () => {
    await page.say({ id: "1" });
    expect(page.heard).toEqual([{ id: "1" }]);
  });

  it("leaves alone what is no message to it", async () => {
    page.isGivenUp = true;
    expect(await page.say(undefined, "update")).toContain("Failed to initialize");
    expect(page.heard).toEqual([]);
  });

  it("is as it was where the page keeps its models in another way", async () => {
    const take = page.take;
    for (const found of [null, {}, { comm: {} }]) await keepHearing(page.model(found));
    await keepHearing({ ...page.model(), widget_manager: { get_model: () => Promise.reject(new Error("none")) } });
    await keepHearing({ ...page.model(), widget_manager: undefined } as unknown as Model);
    expect(page.take).toBe(take);
  });
});
