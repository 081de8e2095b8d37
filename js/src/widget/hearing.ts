/**
 * Has a widget hear its kernel although anywidget has given it up: to a model whose code is not there two seconds after
 * the model was made, it never hands a message again. On a page that is busy, for example with a large notebook, the
 * widget is drawn all the same, and would wait for answers that have come.
 */

import type { Binary, Model } from "./bridge";

interface CommMessage {
  content: { data?: { method?: unknown; content?: unknown } };
  buffers?: readonly Binary[];
}

/** The model as the page has it, behind the one that the widget is given; elsewhere than in Jupyter there is none. */
interface PageModel {
  comm: { on_msg(take: (message: CommMessage) => unknown): void };
  _handle_comm_msg(message: CommMessage): Promise<unknown>;
  trigger(name: "msg:custom", content: unknown, buffers: readonly Binary[]): void;
}

/** anywidget refuses each message of a model that it has given up; those are taken past it. */
export async function keepHearing(model: Model): Promise<void> {
  const found = await findPageModel(model);
  if (found === null) return;
  let heard: unknown;
  model.on("msg:custom", (content) => {
    heard = content;
  });
  found.comm.on_msg(async (message) => {
    try {
      await found._handle_comm_msg(message);
    } catch (error) {
      const { method, content } = message.content.data ?? {};
      if (method !== "custom" || heard === content) throw error;
      found.trigger("msg:custom", content, message.buffers ?? []);
    }
  });
}

async function findPageModel(model: Model): Promise<PageModel | null> {
  const id = model.get?.("own_id");
  const { get_model } = model.widget_manager ?? {};
  if (typeof id !== "string" || id === "" || get_model === undefined) return null;
  try {
    const found = await get_model.call(model.widget_manager, id);
    return isPageModel(found) ? found : null;
  } catch {
    return null;
  }
}

function isPageModel(found: unknown): found is PageModel {
  const { comm, _handle_comm_msg, trigger } = (found ?? {}) as Partial<PageModel>;
  return [comm?.on_msg, _handle_comm_msg, trigger].every((part) => typeof part === "function");
}
