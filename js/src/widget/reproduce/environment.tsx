/** What the clone runs in: what is made of it, which Python, which libraries, and from where. */

import { useSignal } from "@preact/signals";
import { formatSentence } from "../format";
import { SearchField } from "../panels/text-fields";
import type { Library, PythonChoice, ReproducePlan } from "../reproduce-protocol";
import { translated } from "../sentences";
import { strings } from "../strings";
import { useAnyView } from "../view";
import { Check, Fold, Select, SetCheck, Warning } from "./controls";
import { type Form, isAsked, sortLibraries } from "./form";

export function EnvironmentChoice({ form }: { form: Form }) {
  const { plan } = form;
  const hasOne = plan.environment !== "unknown";
  return (
    <fieldset class="ts-rp-group">
      <legend>{strings.reproduce.environment}</legend>
      {hasOne && <Check label={strings.reproduce.rebuild} value={form.environment} />}
      <p class="ts-rp-way">
        {strings.reproduce.ways[form.way.value]}
        {form.way.value === "new" && plan.reason !== "" && <> {strings.reproduce.because(translated(plan.reason))}</>}
      </p>
      {hasOne && form.environment.value && (
        <div class="ts-rp-inner">
          {form.installs.value && <Python form={form} />}
          <Libraries form={form} />
          {plan.specification !== "" && (
            <Fold title={strings.reproduce.specification}>
              {() => (
                // biome-ignore lint/a11y/noNoninteractiveTabindex: what is cut off is scrolled to with the keyboard
                <pre class="ts-code" tabIndex={0}>
                  {plan.specification}
                </pre>
              )}
            </Fold>
          )}
        </div>
      )}
    </fieldset>
  );
}

function Python({ form }: { form: Form }) {
  const { python, pythons, python_fault } = form.plan;
  if (pythons.length === 0)
    return (
      <Warning>
        <p role="alert">{strings.reproduce.noPython(python, translated(python_fault))}</p>
      </Warning>
    );
  return (
    <>
      {python_fault !== "" && (
        <Warning>
          <p>{strings.reproduce.pythonMissing(python, translated(python_fault))}</p>
        </Warning>
      )}
      <Select
        label={strings.reproduce.python}
        value={form.python}
        options={pythons.map((one) => [one.id, nameOf(one)])}
      />
    </>
  );
}

const nameOf = ({ version, way }: PythonChoice) =>
  way === "found" ? strings.reproduce.pythonFound(version) : strings.reproduce.pythonDownload(version);

function Libraries({ form }: { form: Form }) {
  const { plan } = form;
  const missing = useMissing(plan);
  if (plan.libraries.length === 0) return null;
  const { invalid, ticked } = sortLibraries(plan.libraries);
  const label = plan.environment === "new" ? strings.reproduce.install : strings.reproduce.withLibraries;
  return (
    <>
      <Check label={label(plan.libraries.length - invalid.length)} value={form.libraries} />
      {form.way.value === "new" && (
        <div class="ts-rp-inner">
          <p class="ts-none">
            {strings.reproduce.source(plan.installer)} <IndexSays plan={plan} />
          </p>
          <Gone form={form} missing={missing} />
          <ToTick form={form} libraries={ticked} missing={missing} />
          <Refused libraries={invalid} />
        </div>
      )}
      <Fold title={strings.reproduce.libraries} count={plan.libraries.length}>
        {() => <LibraryList libraries={plan.libraries} missing={missing} />}
      </Fold>
    </>
  );
}

/** The lines that cannot be had any more, as far as the index told. */
function useMissing(plan: ReproducePlan): ReadonlySet<string> {
  const { checked } = useAnyView().state.reproductions;
  return new Set(checked.value.get(plan.run.run_id)?.missing);
}

function IndexSays({ plan }: { plan: ReproducePlan }) {
  const { checked } = useAnyView().state.reproductions;
  const said = checked.value.get(plan.run.run_id);
  if (!isAsked(plan)) return null;
  if (said === undefined) return <span role="status">{strings.reproduce.asking}</span>;
  if (said.fault !== null)
    return <span role="status">{strings.reproduce.notAsked(formatSentence(said.fault.message))}</span>;
  return said.missing.length === 0 ? <span role="status">{strings.reproduce.allThere}</span> : null;
}

function Gone({ form, missing }: { form: Form; missing: ReadonlySet<string> }) {
  const gone = form.plan.libraries.filter(({ line, needs_tick }) => missing.has(line) && !needs_tick);
  if (gone.length === 0) return null;
  return (
    <Warning>
      <p role="alert">{strings.reproduce.gone(gone.length)}</p>
      {gone.map(({ line, name }) => (
        <SetCheck key={line} label={strings.reproduce.leaveOut(line)} item={name} all={form.without} />
      ))}
    </Warning>
  );
}

interface ToTickProps {
  form: Form;
  libraries: readonly Library[];
  missing: ReadonlySet<string>;
}

function ToTick({ form, libraries, missing }: ToTickProps) {
  if (libraries.length === 0) return null;
  return (
    <Warning>
      <p>{strings.reproduce.needTick}</p>
      {libraries.map((library) => (
        <SetCheck
          key={library.line}
          label={
            <>
              <code dir="ltr">{library.line}</code> <Origin library={library} />{" "}
              {missing.has(library.line) && <span class="ts-tagged">{strings.reproduce.goneMark}</span>}
            </>
          }
          item={library.line}
          all={form.allowed}
        />
      ))}
    </Warning>
  );
}

function Refused({ libraries }: { libraries: readonly Library[] }) {
  if (libraries.length === 0) return null;
  return (
    <Warning>
      <p>{strings.reproduce.refused}</p>
      <ul>
        {libraries.map(({ line, reason }, index) => (
          <li key={index}>
            <code dir="ltr">{line}</code> <span class="ts-muted">{translated(reason)}</span>
          </li>
        ))}
      </ul>
    </Warning>
  );
}

function Origin({ library: { origin } }: { library: Library }) {
  return origin === "index" ? null : <span class="ts-tagged">{strings.reproduce.origins[origin]}</span>;
}

/** More than this are looked through with a field. */
const MANY = 12;

function LibraryList({ libraries, missing }: { libraries: readonly Library[]; missing: ReadonlySet<string> }) {
  const wanted = useSignal("");
  const search = wanted.value.trim().toLowerCase();
  const found = libraries.filter(({ line }) => line.toLowerCase().includes(search));
  return (
    <>
      {libraries.length > MANY && <SearchField text={wanted} label={strings.reproduce.findLibrary} />}
      {found.length === 0 && <p class="ts-none">{strings.reproduce.noSuchLibrary}</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what is cut off is scrolled to with the keyboard */}
      <ul class="ts-rp-libraries" aria-label={strings.reproduce.libraries} tabIndex={0}>
        {found.map((library, index) => (
          <li key={index} data-gone={missing.has(library.line)}>
            <span dir="ltr">{library.origin === "index" ? library.name : library.line}</span>
            {library.origin === "index" && <span class="ts-muted">{library.version}</span>}
            <Origin library={library} />
            {missing.has(library.line) && <span class="ts-tagged">{strings.reproduce.goneMark}</span>}
          </li>
        ))}
      </ul>
    </>
  );
}
