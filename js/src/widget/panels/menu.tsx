/** A menu of actions on runs. Arrows and first letters move, Enter does it, Escape leaves. */

import { Fragment } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { type Action, actionsOn } from "../action-list";
import { strings } from "../strings";
import { type OpenMenu, useAnyView } from "../view";
import { Icon } from "./icons";
import { KeyName } from "./keys-help";

const MARGIN = 4;

export function MenuLayer() {
  const { menu } = useAnyView();
  return menu.value === null ? null : <Menu key={menu.value.rows[0]?.run_id} menu={menu.value} />;
}

function Menu({ menu }: { menu: OpenMenu }) {
  const view = useAnyView();
  const element = useRef<HTMLDivElement>(null);
  const items = actionsOn(view, menu.rows);
  const close = (byKey: boolean) => {
    view.menu.value = null;
    if (byKey) menu.from?.focus();
  };
  usePlace(element, menu);
  useOutside(element, () => close(false));

  const press = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.key === "Escape" || event.key === "Tab") close(true);
    else if (!move(element.current, event.key)) return;
    event.preventDefault();
  };
  const choose = (action: Action) => {
    close(true);
    action.run(view);
  };
  return (
    <div
      ref={element}
      class="ts-menu"
      role="menu"
      aria-label={labelOf(menu)}
      popover="manual"
      data-lm-suppress-shortcuts="true"
      onKeyDown={press}
    >
      {items.map((action, index) => (
        <Fragment key={action.id}>
          {index > 0 && items[index - 1]?.group !== action.group && <hr />}
          <Item action={action} choose={choose} />
        </Fragment>
      ))}
    </div>
  );
}

function labelOf({ rows }: OpenMenu): string {
  const [first] = rows;
  return rows.length === 1 && first ? strings.actionsOf(first.name) : strings.actionsOfMany(rows.length);
}

function Item({ action, choose }: { action: Action; choose: (action: Action) => void }) {
  const { icon, label, key, unavailable } = action;
  const isOff = unavailable !== "";
  return (
    <button
      type="button"
      role="menuitem"
      class="ts-menu-item"
      data-action={action.id}
      tabIndex={-1}
      title={unavailable}
      aria-disabled={isOff}
      aria-label={isOff ? `${label} ${unavailable}` : undefined}
      onPointerMove={(event) => event.currentTarget.focus()}
      onClick={isOff ? undefined : () => choose(action)}
    >
      <Icon name={icon} />
      <span class="ts-menu-label">{label}</span>
      <KeyName name={key} />
    </button>
  );
}

/** Moves the focus; false where the key does not move. */
function move(menu: HTMLElement | null, key: string): boolean {
  const items = [...(menu?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
  const at = items.indexOf(document.activeElement as HTMLElement);
  const target = targetOf(items, at, key);
  target?.focus();
  return target !== undefined;
}

function targetOf(items: HTMLElement[], at: number, key: string): HTMLElement | undefined {
  if (key === "ArrowDown") return items[(at + 1) % items.length];
  if (key === "ArrowUp") return items.at(at <= 0 ? -1 : at - 1);
  if (key === "Home") return items[0];
  if (key === "End") return items.at(-1);
  if (key.length !== 1 || key === " ") return undefined;
  const after = [...items.slice(at + 1), ...items.slice(0, at + 1)];
  return after.find((item) => textOf(item).startsWith(key.toLocaleLowerCase()));
}

const textOf = (item: HTMLElement) => item.querySelector(".ts-menu-label")?.textContent?.toLocaleLowerCase() ?? "";

/** Shows the menu above everything else on the page, whole where there is room, and with the focus in it. */
function usePlace(element: { current: HTMLDivElement | null }, menu: OpenMenu): void {
  useLayoutEffect(() => {
    const box = element.current;
    if (box === null) return;
    box.showPopover?.();
    const { width, height } = box.getBoundingClientRect();
    const left = Math.min(menu.x, window.innerWidth - width - MARGIN);
    const above = menu.y + height > window.innerHeight - MARGIN ? window.innerHeight - height - MARGIN : menu.y;
    box.style.left = `${Math.max(MARGIN, left)}px`;
    box.style.top = `${Math.max(MARGIN, above)}px`;
    box.querySelector<HTMLElement>("[role=menuitem]")?.focus({ preventScroll: true });
  }, [element, menu]);
}

function useOutside(element: { current: HTMLElement | null }, leave: () => void): void {
  useLayoutEffect(() => {
    const press = (event: Event) => {
      if (!element.current?.contains(event.target as Node)) leave();
    };
    document.addEventListener("pointerdown", press, true);
    window.addEventListener("blur", leave);
    return () => {
      document.removeEventListener("pointerdown", press, true);
      window.removeEventListener("blur", leave);
    };
  });
}
