/** The examples of messages about reproducing a run, in `tests/protocol/reproduce`, as the protocol types them. */

import cancel from "../../tests/protocol/reproduce/reproduce.cancel.json";
import changed from "../../tests/protocol/reproduce/reproduce.changed.json";
import check from "../../tests/protocol/reproduce/reproduce.check.json";
import checked from "../../tests/protocol/reproduce/reproduce.checked.json";
import jobs from "../../tests/protocol/reproduce/reproduce.jobs.json";
import plan from "../../tests/protocol/reproduce/reproduce.plan.json";
import start from "../../tests/protocol/reproduce/reproduce.start.json";
import type { ReproducePush } from "../src/widget/reproduce-protocol";
import type { Exchange, Loose, Written } from "./exchange";

type Pushed<K extends ReproducePush["kind"]> = {
  push: Loose<Extract<ReproducePush, { kind: K }>>;
  buffers?: Written[];
};

const typed =
  <T>() =>
  <A extends T>(example: A): A =>
    example;

export const EXAMPLES = {
  plan: typed<Exchange<"reproduce.plan">>()(plan),
  check: typed<Exchange<"reproduce.check">>()(check),
  start: typed<Exchange<"reproduce.start">>()(start),
  cancel: typed<Exchange<"reproduce.cancel">>()(cancel),
  jobs: typed<Exchange<"reproduce.jobs">>()(jobs),
  changed: typed<Pushed<"reproduce.changed">>()(changed),
  checked: typed<Pushed<"reproduce.checked">>()(checked),
};
