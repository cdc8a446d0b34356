import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import * as v from 'valibot';
import { parseAllDocuments } from 'yaml';
import { addOns } from '../../src/boot/addOns.ts';
import { bootMetadata } from '../../src/boot/metadata.ts';
import { golden } from '../support/golden.ts';
import { bootConfigFor } from '../support/guestWorld.ts';
import { hostileConfig } from '../support/hostileConfig.ts';

const kindsOf = (text: string): string[] =>
  parseAllDocuments(text).map((d) => v.parse(v.object({ kind: v.string() }), d.toJS()).kind);

test('the add-ons are those that were reviewed', () => {
  golden('addOns.yaml', addOns(bootConfigFor('first')));
});

test('no value changes the kinds of objects that are applied', () => {
  const wanted = kindsOf(addOns(bootConfigFor('first')));
  fc.assert(
    fc.property(hostileConfig, (config) => {
      assert.deepEqual(kindsOf(addOns(config)), wanted);
    }),
  );
});

test('only the first master carries the add-ons', () => {
  assert.ok('trizone-addons' in bootMetadata(bootConfigFor('first')));
  assert.ok(!('trizone-addons' in bootMetadata(bootConfigFor('replica'))));
  assert.ok(!('trizone-addons' in bootMetadata(bootConfigFor('node'))));
});
