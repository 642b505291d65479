import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onnx } from 'onnx-proto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checksumOf, createSite, goodModel, type SiteUnderTest } from '../../test/edge/site-under-test.ts';
import { tinyModel } from '../../test/edge/tiny-model.ts';

let site: SiteUnderTest;

beforeEach(async () => {
  site = await createSite();
  await site.startWithFirst();
});
afterEach(() => site.close());

function changed(change: (graph: onnx.GraphProto, model: onnx.ModelProto) => void): Uint8Array {
  const model = onnx.ModelProto.decode(goodModel(2));
  change(model.graph as onnx.GraphProto, model);
  return onnx.ModelProto.encode(model).finish();
}

const secret: onnx.ITensorProto = {
  name: 'w',
  dims: [1],
  dataType: 1,
  dataLocation: 1,
  externalData: [{ key: 'location', value: '/etc/passwd' }],
};

const without = (key: string) =>
  changed((_, model) => {
    model.metadataProps = model.metadataProps.filter((entry) => entry.key !== key);
  });

describe('a signed file that is none a device may run is rejected before any runtime or place has it:', () => {
  it.each<[string, Uint8Array, string]>([
    ['external data', changed(({ initializer }) => initializer.push(secret)), 'outside the file'],
    [
      'sparse external data',
      changed((graph) => {
        graph.sparseInitializer = [{ values: secret }];
      }),
      'sparse tensors',
    ],
    [
      'an address in memory',
      changed(({ initializer }) =>
        initializer.push({
          ...secret,
          externalData: [{ key: 'location', value: '*/_ORT_MEM_ADDR_/*' }],
        }),
      ),
      'outside the file',
    ],
    ['an unknown operator', changed(({ node }) => node.unshift({ opType: 'Spy' })), 'ai.onnx.Spy is not'],
    [
      'a huge shape',
      changed(({ initializer }) => initializer.push({ name: 'w', dataType: 1, dims: [2 ** 40] })),
      'has the shape',
    ],
    [
      'an operator set to come',
      changed((_, model) => {
        model.opsetImport = [{ domain: '', version: 99 }];
      }),
      'operator set ai.onnx 99',
    ],
    ['no site', without('site'), 'wrong-site'],
    ['no version', without('version'), 'wrong-version'],
    ['no layout', without('feature_layout'), 'unknown-layout'],
    ['no horizon', without('horizon_hours'), 'missing-metadata'],
    [
      'rows of another width',
      changed(({ input }) => {
        const dims = input[0]?.type?.tensorType?.shape?.dim ?? [];
        dims[1] = { dimValue: 720 };
      }),
      'takes 720 features a row',
    ],
    ['another site', tinyModel({ version: '1.2.0', systemId: 'bess-1' }), 'wrong-site'],
  ])('%s', async (_, bytes, reason) => {
    await site.offer(2, bytes);
    expect(await site.answered(2, 'rejected')).toMatchObject({
      reason: expect.stringContaining(reason),
      runningVersion: '1.1.0',
    });
    expect(site.active()).toBe(checksumOf(goodModel(1)));
  });
});

describe('a symbolic link', () => {
  it('in a file’s place is replaced by the file, and what it points to is left alone', async () => {
    const treasure = join(site.models, '..', 'treasure');
    writeFileSync(treasure, 'mine');
    const bytes = goodModel(2);
    symlinkSync(treasure, join(site.models, `incoming-${checksumOf(bytes).slice(7)}.part`));
    symlinkSync(treasure, join(site.models, 'forecast_previous.onnx'));
    await site.offer(2, bytes);
    await site.answered(2, 'active');
    expect(site.active()).toBe(checksumOf(bytes));
    expect(site.previous()).toBe(checksumOf(goodModel(1)));
    expect(readFileSync(treasure, 'utf8')).toBe('mine');
  });
});
