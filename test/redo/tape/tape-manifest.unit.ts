import { test } from '@japa/runner';
import * as fc from 'fast-check';

import { RedoubtError } from '../../../harness/error.ts';
import { parseTapeManifest } from '../../../harness/redo/tape/tape-manifest.ts';
import { thrownBy } from '../../support/thrown.ts';
import { manifestOf } from '../tiny-tape.ts';

const sound = manifestOf();

function parse(value: unknown): unknown {
  return parseTapeManifest(JSON.stringify(value), '/tapes/some/manifest.json');
}

/** The paths of every value in an object, outermost first. */
function pathsOf(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([name, inner]) => pathsOf(inner, [...path, name]))];
}

/** A copy of the manifest with the value at `path` replaced, or removed when undefined. */
function changed(path: readonly string[], value: unknown): unknown {
  const copy = structuredClone(sound) as unknown;
  let place = copy as Record<string, unknown>;
  for (const name of path.slice(0, -1)) place = place[name] as Record<string, unknown>;
  const last = path.at(-1) ?? '';
  if (value === undefined) delete place[last];
  else place[last] = value;
  return copy;
}

test.group('parseTapeManifest', () => {
  test('reads what is written', ({ assert }) => {
    assert.deepEqual(parse(sound), sound);
  });

  test('a tape with the state of its cluster has version 2, and only such a one', ({ assert }) => {
    const files = { ...sound.files, storage: sound.files.index };
    assert.deepEqual(parse({ ...sound, schemaVersion: 2, files }), { ...sound, schemaVersion: 2, files });
    for (const odd of [
      { ...sound, schemaVersion: 2 },
      { ...sound, files },
    ]) {
      const error = thrownBy(() => parse(odd));
      assert.equal(error.code, 'tape-invalid');
      assert.include(error.message, 'files.storage');
    }
  });

  test('from version 3 on a tape may have either, and knows the columns of its indexes', ({ assert }) => {
    const column = {
      name: 'word',
      type: 'text',
      lengthBytes: -1,
      align: 'i',
      collation: 'C',
      isIncluded: false,
    };
    const [relation] = sound.relations;
    const relations = [{ ...relation, columns: [column] }];
    const files = { ...sound.files, storage: sound.files.index };
    for (const written of [
      { ...sound, schemaVersion: 3, relations },
      { ...sound, schemaVersion: 3, relations, files },
    ])
      assert.deepEqual(parse(written), written);
    const odd = [{ ...relation, columns: [{ ...column, align: 'x' }] }];
    assert.include(thrownBy(() => parse({ ...sound, schemaVersion: 3, relations: odd })).message, 'align');
    assert.equal(thrownBy(() => parse({ ...sound, schemaVersion: 4 })).code, 'tape-newer');
  });

  test('names the field that is wrong or missing', ({ assert }) => {
    const fields = pathsOf(sound).filter(
      (path) =>
        // Free maps and lists lose a member without becoming wrong.
        path.length > 0 &&
        !/^(relations\.\d|collations\.\d|counts\.notJudged\.|relations\.\d\.collations\.)/.test(
          path.join('.'),
        ),
    );
    assert.isAbove(fields.length, 30);
    for (const path of fields) {
      for (const wrong of [undefined, { unexpected: true }]) {
        const error = thrownBy(() => parse(changed(path, wrong)));
        assert.equal(error.code, 'tape-invalid', path.join('.'));
        assert.include(error.message, path[0] ?? '');
        assert.include(error.message, '/tapes/some/manifest.json');
        assert.equal(error.kind, 'infrastructure');
      }
    }
  });

  test('refuses values that cannot be', ({ assert }) => {
    for (const [path, value] of [
      ['flavour', 'other'],
      ['major', 13],
      ['major', 15.5],
      ['startLsn', -8],
      ['endLsn', 2 ** 60],
      ['systemIdentifier', '0x10'],
      ['timeline', 0],
      ['counts.records', -1],
      ['counts.notJudged.vm', 'many'],
      ['relations.0.relNumber', 2 ** 32],
      ['files.oracle.sha256', 'ABC'],
    ] as const) {
      const error = thrownBy(() => parse(changed(path.split('.'), value)));
      assert.equal(error.code, 'tape-invalid', path);
      assert.include(error.message, path);
    }
  });

  test('refuses fields that it does not know: they may mean something', ({ assert }) => {
    assert.equal(thrownBy(() => parse({ ...sound, masked: true })).code, 'tape-invalid');
  });

  test('tells a newer tape from a damaged one', ({ assert }) => {
    const error = thrownBy(() => parse({ schemaVersion: 4, entirely: 'different' }));
    assert.equal(error.code, 'tape-newer');
    assert.match(error.message, /schema version 4, this Redoubt reads 1 to 3/);
    assert.equal(thrownBy(() => parse({ ...sound, schemaVersion: 0 })).code, 'tape-invalid');
    assert.equal(thrownBy(() => parse({ ...sound, schemaVersion: '2' })).code, 'tape-invalid');
  });

  test('cut anywhere is refused, and so is any other JSON', ({ assert }) => {
    const text = JSON.stringify(sound);
    for (let length = 0; length < text.length; length += 7) {
      assert.equal(thrownBy(() => parseTapeManifest(text.slice(0, length), 'm')).code, 'tape-invalid');
    }
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const error = thrownBy(() => parse(value));
        assert.instanceOf(error, RedoubtError);
        assert.include(['tape-invalid', 'tape-newer'], error.code);
      }),
    );
  });
});
