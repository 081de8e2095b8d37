/** What the clone runs in: what is made of it, which Python, which libraries, and from where. */

import { useSignal } from "@preact/signals";
import { formatSentence } from "../format";
import { SearchField } from "../panels/text-fields";
import type { Library, PythonChoice, ReproducePlan } from "../reproduce-protocol";
import { translated } from "../sentences";
import { texts } from "../strings/reproduce";
import { useAnyView } from "../view";
import { Check, Fold, Select, SetCheck, Warning } from "./controls";
import { type Form, isAsked, sortLibraries } from "./form";

export function EnvironmentChoice({ form }: { form: Form }) {
  const { plan } = form;
  const hasOne = plan.environment !== "unknown";
  return (
    <fieldset class="ts-rp-group">
      <legend>{texts.environment}</legend>
      {hasOne && <Check label={texts.rebuild} value={form.environment} />}
      <p class="ts-rp-way">
        {texts.ways[form.way.value]}
        {form.way.value === "new" && plan.reason !== "" && <> {texts.because(translated(plan.reason))}</>}
      </p>
      {hasOne && form.environment.value && (
        <div class="ts-rp-inner">
          {form.installs.value && <Python form={form} />}
          <Libraries form={form} />
          {plan.specification !== "" && (
            <Fold title={texts.specification}>
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
        <p role="alert">{texts.noPython(python, translated(python_fault))}</p>
      </Warning>
    );
  return (
    <>
      {python_fault !== "" && (
        <Warning>
          <p>{texts.pythonMissing(python, translated(python_fault))}</p>
        </Warning>
      )}
      <Select label={texts.python} value={form.python} options={pythons.map((one) => [one.id, nameOf(one)])} />
    </>
  );
}

const nameOf = ({ version, way }: PythonChoice) =>
  way === "found" ? texts.pythonFound(version) : texts.pythonDownload(version);

function Libraries({ form }: { form: Form }) {
  const { plan } = form;
  const missing = useMissing(plan);
  if (plan.libraries.length === 0) return null;
  const { invalid, ticked } = sortLibraries(plan.libraries);
  const label = plan.environment === "new" ? texts.install : texts.withLibraries;
  return (
    <>
      <Check label={label(plan.libraries.length - invalid.length)} value={form.libraries} />
      {form.way.value === "new" && (
        <div class="ts-rp-inner">
          <p class="ts-none">
            {texts.source(plan.installer)} <IndexSays plan={plan} />
          </p>
          <Gone form={form} missing={missing} />
          <ToTick form={form} libraries={ticked} missing={missing} />
          <Refused libraries={invalid} />
        </div>
      )}
      <Fold title={texts.libraries} count={plan.libraries.length}>
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
  if (said === undefined) return <span role="status">{texts.asking}</span>;
  if (said.fault !== null) return <span role="status">{texts.notAsked(formatSentence(said.fault.message))}</span>;
  return said.missing.length === 0 ? <span role="status">{texts.allThere}</span> : null;
}

function Gone({ form, missing }: { form: Form; missing: ReadonlySet<string> }) {
  const gone = form.plan.libraries.filter(({ line, needs_tick }) => missing.has(line) && !needs_tick);
  if (gone.length === 0) return null;
  return (
    <Warning>
      <p role="alert">{texts.gone(gone.length)}</p>
      {gone.map(({ line, name }) => (
        <SetCheck key={line} label={texts.leaveOut(line)} item={name} all={form.without} />
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
      <p>{texts.needTick}</p>
      {libraries.map((library) => (
        <SetCheck
          key={library.line}
          label={
            <>
              <code dir="ltr">{library.line}</code> <Origin library={library} />{" "}
              {missing.has(library.line) && <span class="ts-tagged">{texts.goneMark}</span>}
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
      <p>{texts.refused}</p>
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
  return origin === "index" ? null : <span class="ts-tagged">{texts.origins[origin]}</span>;
}

/** More than this are looked through with a field. */
const MANY = 12;

function LibraryList({ libraries, missing }: { libraries: readonly Library[]; missing: ReadonlySet<string> }) {
  const wanted = useSignal("");
  const search = wanted.value.trim().toLowerCase();
  const found = libraries.filter(({ line }) => line.toLowerCase().includes(search));
  return (
    <>
      {libraries.length > MANY && <SearchField text={wanted} label={texts.findLibrary} />}
      {found.length === 0 && <p class="ts-none">{texts.noSuchLibrary}</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what is cut off is scrolled to with the keyboard */}
      <ul class="ts-rp-libraries" aria-label={texts.libraries} tabIndex={0}>
        {found.map((library, index) => (
          <li key={index} data-gone={missing.has(library.line)}>
            <span dir="ltr">{library.origin === "index" ? library.name : library.line}</span>
            {library.origin === "index" && <span class="ts-muted">{library.version}</span>}
            <Origin library={library} />
            {missing.has(library.line) && <span class="ts-tagged">{texts.goneMark}</span>}
          </li>
        ))}
      </ul>
    </>
  );
}
