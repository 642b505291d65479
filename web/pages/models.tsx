import type { Model } from '../../src/client/client.ts';
import { api } from '../api.ts';
import { formatInstant, formatKw, formatPercent } from '../format.ts';
import { useAnswer, useStream } from '../hooks.ts';
import { Comparison } from '../models/compare.tsx';
import { download } from '../models/download.ts';
import { Action } from '../parts/action.tsx';
import { Awaited, Heading, Table } from '../parts/common.tsx';
import { Restore } from '../parts/restore.tsx';
import { choose, Link, query } from '../router.tsx';
import { say } from '../words/models.ts';

const MOST = 100;
const COMPARED = 3;

const chosenVersions = (): readonly string[] =>
  (query.value.get('versions') ?? '').split(',').filter((version) => version !== '');

function toggle(version: string): void {
  const chosen = chosenVersions();
  const kept = chosen.includes(version)
    ? chosen.filter((one) => one !== version)
    : [...chosen, version].slice(-COMPARED);
  choose({ versions: kept.join(',') });
}

async function fetchFile({ systemId, version, url }: Model): Promise<null> {
  await download(url, `${systemId}-v${version}.onnx`);
  return null;
}

function Status({ model: { status, verdict, keptReason } }: { model: Model }) {
  if (status === 'active') return <span class="badge good">{say('active')}</span>;
  return (
    <>
      {verdict !== null && <span class="badge">{say(verdict)}</span>} {keptReason}
    </>
  );
}

function Version({ model, isChosen, after }: { model: Model; isChosen: boolean; after: () => void }) {
  const { systemId, version, modelType, metrics, createdAt, trainedUntil, status } = model;
  return (
    <tr>
      <td>
        <input
          type="checkbox"
          checked={isChosen}
          aria-label={`${say('compare')} ${version}`}
          onChange={() => toggle(version)}
        />
      </td>
      <th scope="row">{version}</th>
      <td>{modelType}</td>
      <td>
        <Status model={model} />
      </td>
      <td>{formatPercent(metrics.mape)}</td>
      <td>{formatKw(metrics.rmse)}</td>
      <td>{formatInstant(createdAt)}</td>
      <td>{formatInstant(trainedUntil)}</td>
      <td>
        <div class="buttons tight">
          <Action scope="ml:read" label={say('downloadOf', { version })} act={() => fetchFile(model)}>
            {say('download')}
          </Action>
          {status !== 'active' && <Restore systemId={systemId} version={version} after={after} />}
        </div>
      </td>
    </tr>
  );
}

function Versions({ models, more, after }: { models: readonly Model[]; more: boolean; after: () => void }) {
  const chosen = chosenVersions();
  const compared = models.filter(({ version }) => chosen.includes(version));
  if (models.length === 0) return <p class="empty">{say('none')}</p>;
  const heads = [
    ...[say('compare'), say('version'), say('model'), say('status'), 'MAPE', 'RMSE'],
    ...[say('created'), say('trainedUntil'), ''],
  ];
  return (
    <>
      <section class="card">
        <p class="hint">{say('compareHelp')}</p>
        <Table title={say('version')} heads={heads}>
          {models.map((model) => (
            <Version
              key={model.version}
              model={model}
              isChosen={chosen.includes(model.version)}
              after={after}
            />
          ))}
        </Table>
        {more && <p class="hint">{say('newest', { n: MOST })}</p>}
      </section>
      {compared.length > 0 && <Comparison models={compared} />}
    </>
  );
}

export function ModelsPage({ systemId }: { systemId: string }) {
  const models = useAnswer(systemId, (signal) =>
    api.GET('/api/v1/ml/systems/{systemId}/models', {
      params: { path: { systemId }, query: { limit: MOST } },
      signal,
    }),
  );
  useStream(`systemId=${encodeURIComponent(systemId)}`, models.refresh);
  return (
    <>
      <Heading title={say('title', { id: systemId })}>
        <Link to={`/sites/${encodeURIComponent(systemId)}`}>{systemId}</Link>
      </Heading>
      <Awaited {...models}>
        {({ items, nextCursor }) => (
          <Versions models={items} more={nextCursor !== null} after={models.refresh} />
        )}
      </Awaited>
    </>
  );
}
