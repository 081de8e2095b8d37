/** The Python, the packages and the machine of a run. */

import { useSignal } from "@preact/signals";
import { formatSize } from "../../format";
import type { Environment, RunHead } from "../../run-protocol";
import { strings } from "../../strings";
import { useAnswer, useRound } from "../answer";
import { Answered } from "../answered";
import { Pairs } from "../pairs";
import { SearchField } from "../text-fields";

/** More packages than this are looked through with a field. */
const MANY = 12;

export function EnvironmentPart({ head }: { head: RunHead }) {
  const asked = useAnswer("run.environment", { run_id: head.run_id }, useRound(head));
  return (
    <Answered asked={asked}>
      {({ reply }) =>
        reply.environment === null ? (
          <p class="ts-none">{strings.noEnvironment}</p>
        ) : (
          <Packages environment={reply.environment} />
        )
      }
    </Answered>
  );
}

function Packages({ environment }: { environment: Environment }) {
  const wanted = useSignal("");
  const { packages } = environment;
  const search = wanted.value.trim().toLowerCase();
  const found = packages.filter(({ key }) => key.toLowerCase().includes(search));
  const shown = search === "" ? found.slice(0, MANY) : found;
  return (
    <>
      <Pairs pairs={factsOf(environment)} none="" />
      {packages.length > MANY && (
        <SearchField text={wanted} label={strings.findPackage} placeholder={strings.searchPackages(packages.length)} />
      )}
      <Pairs pairs={shown} none={strings.noSuchPackage} />
      {shown.length < found.length && <p class="ts-none">{strings.firstOf(shown.length, found.length)}</p>}
    </>
  );
}

function factsOf(environment: Environment): { key: string; value: string }[] {
  const names = strings.environmentRows;
  const processor = [environment.cpu, environment.cpu_count === null ? "" : strings.cores(environment.cpu_count)];
  const facts = [
    { key: names.python, value: environment.python },
    { key: names.executable, value: environment.executable },
    { key: names.kernel, value: environment.kernelspec },
    { key: names.system, value: [environment.system, environment.machine].filter(Boolean).join(", ") },
    { key: names.cpu, value: processor.filter(Boolean).join(", ") },
    { key: names.memory, value: environment.memory_bytes === null ? "" : formatSize(environment.memory_bytes) },
    { key: names.gpu, value: environment.gpus.join(", ") },
  ];
  return facts.filter(({ value }) => value !== "");
}
