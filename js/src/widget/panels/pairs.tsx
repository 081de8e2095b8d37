/** Names and values, none of which can be changed. */

import { formatKey } from "../format";
import { Breakable, isLong, LongText } from "./controls";

export function Pairs({ pairs, none }: { pairs: readonly { key: string; value: string }[]; none: string }) {
  if (pairs.length === 0) return <p class="ts-none">{none}</p>;
  return (
    <dl class="ts-pairs">
      {pairs.map(({ key, value }) => (
        <div key={key} class="ts-pair" data-long={isLong(value)}>
          <dt title={formatKey(key)}>
            <bdi>
              <Breakable text={formatKey(key)} />
            </bdi>
          </dt>
          <dd dir="auto">
            <LongText text={value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
