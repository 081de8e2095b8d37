/** Every action on runs, once: its name, its key, when it can be done, and what it does. Menus and keys are made of it. */

import { compareInline, compareInTab, MOST_IN_CELL } from "./compare-action";
import type { IconName } from "./panels/icons";
import type { Parts } from "./parts";
import type { RunRow } from "./protocol";
import { noDifferenceOf, showDifference } from "./show-difference";
import { PanelState } from "./state";
import { strings } from "./strings";
import type { AnyView } from "./view";

type ActionId = keyof typeof strings.action;

export interface Action {
  id: ActionId;
  icon: IconName;
  /** As `KeyboardEvent.key` has it, with `Shift+` before it where that is held; or "". */
  key: string;
  /** Actions of one group stand together in a menu. */
  group: number;
  label: string;
  /** Why it cannot be done, or "". */
  unavailable: string;
  run: (view: AnyView) => void;
}

type Rows = readonly RunRow[];

interface Rule {
  id: ActionId;
  icon: IconName;
  key: string;
  group: number;
  /** Whether the menu has it at all; what applies to some of the runs is shown. */
  isShown?: (rows: Rows, view: AnyView) => boolean;
  label?: (rows: Rows) => string;
  unavailable?: (rows: Rows, view: AnyView) => string;
  run: (view: AnyView, rows: Rows) => void;
}

const one = (rows: Rows) => (rows.length === 1 ? "" : strings.onlyOne);
const several = (rows: Rows) => (rows.length > 1 ? "" : strings.compareTwo);
const isDeleted = ({ state }: RunRow) => state === "deleted";
const inUse = (rows: Rows) => (rows.some(isDeleted) ? strings.isDeleted : "");
const inTrash = (rows: Rows) => (rows.every(isDeleted) ? "" : strings.isNotDeleted);
const first = (rows: Rows, run: (row: RunRow) => unknown) => rows[0] && run(rows[0]);

type Doing = Pick<Parts["layers"], "actions" | "trash">;

/** What is done with runs comes with the dialogs that it asks in. */
function later(run: (part: Doing, view: AnyView, rows: Rows) => unknown): Rule["run"] {
  return async (view, rows) => {
    try {
      await run(await view.state.parts.load("layers"), view, rows);
    } catch (error) {
      view.state.showFault(error);
    }
  };
}

/** Files have no pages; of other models it is not known before it is asked for. */
const page = (rows: Rows, { state }: AnyView) => {
  const uri = state instanceof PanelState ? state.list.value?.snapshot.store.uri : undefined;
  return one(rows) || (uri === undefined || /^(https?|databricks)/i.test(uri) ? "" : strings.hasNoPage);
};

const CLOSABLE = {
  ended: "hasEnded",
  here: "goesOnHere",
  elsewhere: "goesOnElsewhere",
  gone: "",
  unknown: "",
} as const;

function closable(rows: Rows): string {
  const reasons = rows.map(({ maker }) => CLOSABLE[maker]).filter((reason) => reason !== "");
  return inUse(rows) || (reasons[0] === undefined ? "" : strings[reasons[0]]);
}

const isRunning = (rows: Rows) => rows.some(({ maker }) => maker !== "ended");

export const restoreRuns = later(({ trash }, view, rows) => trash.restore(view, rows));

const RULES: readonly Rule[] = [
  {
    id: "openTab",
    icon: "open",
    key: "v",
    group: 0,
    isShown: (rows, { state }) => rows.length === 1 && state instanceof PanelState,
    run: (view, rows) => first(rows, (row) => void view.openRun(row)),
  },
  {
    id: "revision",
    icon: "notebook",
    key: "b",
    group: 0,
    isShown: (rows) => rows.length === 1,
    unavailable: (rows) => (rows[0]?.has_revision ? "" : strings.noRevision),
    run: (view, rows) => first(rows, (row) => void view.openRevision(row)),
  },
  {
    id: "rename",
    icon: "pencil",
    key: "F2",
    group: 1,
    unavailable: inUse,
    run: later(({ actions }, view, rows) => actions.rename(view, rows)),
  },
  {
    id: "tag",
    icon: "tag",
    key: "t",
    group: 1,
    unavailable: inUse,
    run: later(({ actions }, view, rows) => actions.askForTag(view, rows)),
  },
  {
    id: "note",
    icon: "note",
    key: "n",
    group: 1,
    unavailable: inUse,
    run: later(({ actions }, view, rows) => actions.askForNote(view, rows)),
  },
  {
    id: "star",
    icon: "star",
    key: "s",
    group: 1,
    label: (rows) => (rows.every(({ is_starred }) => is_starred) ? strings.action.unstar : strings.action.star),
    unavailable: inUse,
    run: later(({ actions }, view, rows) => actions.toggleStar(view, rows)),
  },
  {
    id: "interrupt",
    icon: "stop",
    key: "i",
    group: 2,
    isShown: isRunning,
    unavailable: (rows) => one(rows) || (rows[0]?.maker === "here" ? "" : strings.isNotRunningHere),
    run: later(({ actions }, view, rows) => first(rows, (row) => actions.askToInterrupt(view, row))),
  },
  {
    id: "close",
    icon: "end",
    key: "x",
    group: 2,
    isShown: isRunning,
    unavailable: closable,
    run: later(({ actions }, view, rows) => actions.askToClose(view, rows)),
  },
  {
    id: "reproduce",
    icon: "again",
    key: "p",
    group: 2,
    unavailable: (rows) => one(rows) || inUse(rows),
    run: (view, rows) =>
      first(rows, (run) => {
        view.reproducing.value = { run, job: "" };
      }),
  },
  {
    id: "compare",
    icon: "compare",
    key: "k",
    group: 3,
    unavailable: (rows) => several(rows) || (rows.length > MOST_IN_CELL ? strings.compareTooMany(MOST_IN_CELL) : ""),
    run: (view, rows) => void compareInline(view, rows),
  },
  {
    id: "compareTab",
    icon: "compare",
    key: "Shift+K",
    group: 3,
    unavailable: several,
    run: (view, rows) => void compareInTab(view, rows),
  },
  {
    id: "difference",
    icon: "difference",
    key: "d",
    group: 3,
    label: (rows) => (rows.length === 1 ? strings.action.differenceNow : strings.action.difference),
    unavailable: noDifferenceOf,
    run: (view, rows) => void showDifference(view, rows),
  },
  {
    id: "csv",
    icon: "table",
    key: "e",
    group: 3,
    run: later(({ actions }, view, rows) => actions.saveCsv(view, rows, false)),
  },
  {
    id: "download",
    icon: "download",
    key: "Shift+E",
    group: 3,
    run: later(({ actions }, view, rows) => actions.saveCsv(view, rows, true)),
  },
  {
    id: "copyId",
    icon: "copy",
    key: "c",
    group: 4,
    run: (view, rows) => void view.copy(rows.map(({ run_id }) => run_id).join("\n")),
  },
  {
    id: "copyName",
    icon: "copy",
    key: "Shift+C",
    group: 4,
    run: (view, rows) => void view.copy(rows.map(({ name }) => name).join("\n")),
  },
  {
    id: "copyLink",
    icon: "link",
    key: "l",
    group: 4,
    unavailable: page,
    run: later(({ actions }, view, rows) => first(rows, (row) => actions.copyLink(view, row))),
  },
  {
    id: "page",
    icon: "link",
    key: "o",
    group: 4,
    unavailable: page,
    run: later(({ actions }, view, rows) => first(rows, (row) => actions.openPage(view, row))),
  },
  {
    id: "restore",
    icon: "restore",
    key: "r",
    group: 5,
    isShown: (rows) => rows.some(isDeleted),
    unavailable: inTrash,
    run: restoreRuns,
  },
  {
    id: "purge",
    icon: "trash",
    key: "Shift+Delete",
    group: 5,
    isShown: (rows) => rows.some(isDeleted),
    unavailable: inTrash,
    run: later(({ trash }, view, rows) => trash.askToPurge(view, rows)),
  },
  {
    id: "delete",
    icon: "trash",
    key: "Delete",
    group: 5,
    isShown: (rows) => !rows.every(isDeleted),
    unavailable: inUse,
    run: later(({ trash }, view, rows) => trash.askToDelete(view, rows)),
  },
];

/** What can be done with these runs, and why not where it cannot. */
export function actionsOn(view: AnyView, rows: Rows): Action[] {
  return RULES.filter(({ isShown }) => isShown?.(rows, view) ?? true).map((rule) => ({
    id: rule.id,
    icon: rule.icon,
    key: rule.key,
    group: rule.group,
    label: rule.label?.(rows) ?? strings.action[rule.id],
    unavailable: rule.unavailable?.(rows, view) ?? "",
    run: (chosen) => rule.run(chosen, rows),
  }));
}

/** What an action is called where nothing is said of the dialog that it opens. */
export const nameOfAction = (label: string) => label.replace(/…$/, "");

/** The keys of all actions, for the help. */
export const actionKeys = () => RULES.map(({ id, key }) => ({ key, label: nameOfAction(strings.action[id]) }));
