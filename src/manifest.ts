/**
 * The rows of the manifest derived from the verbs: commands, their titles, and their places in menus. `npm run
 * generate` writes them, `npm run lint` reports differences.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { verbs } from './verbs/registry.ts';
import type { Palette, Verb } from './verbs/verb.ts';

interface MenuRow {
  readonly command: string;
  readonly when: string;
  readonly group: string;
}

interface Manifest {
  readonly contributes: {
    commands: { readonly command: string }[];
    readonly menus: { 'view/item/context': MenuRow[] };
  };
}

const offered = verbs.flatMap((v) => (v.palette === undefined ? [] : [[v, v.palette] as const]));
const idOf = ({ command }: Palette): string => `trizone.${command}`;

const commandRow = (palette: Palette) => ({
  ...{ command: idOf(palette), title: `%command.${palette.command}%`, category: 'Trizone' },
  ...{ icon: `$(${palette.icon})`, enablement: 'isWorkspaceTrusted' },
});

// What a protected cluster refuses is not offered on it. The words in an item's context have a fixed order.
const menuRow = (verb: Verb, palette: Palette): MenuRow[] => {
  if (palette.menu === undefined) return [];
  const [one = '', ...more] = palette.menu.on;
  const on = more.length === 0 ? one : `(${[one, ...more].join('|')})`;
  const needs = [...(verb.risky ? ['unprotected'] : []), ...(palette.menu.needs ?? [])];
  const words = [on, ...needs].map((word) => `\\b${word}\\b`).join('.*');
  return [
    { command: idOf(palette), when: `view == trizone.clusters && viewItem =~ /${words}/`, group: palette.menu.group },
  ];
};

/** Replaces our rows, at the position of the first existing one; other rows stay as they are. */
const replaced = <T extends { readonly command: string }>(rows: readonly T[], own: readonly T[]): T[] => {
  const isOwn = (row: T): boolean => own.some((o) => o.command === row.command);
  const at = rows.findIndex(isOwn);
  const others = rows.filter((row) => !isOwn(row));
  return others.toSpliced(at < 0 ? others.length : at, 0, ...own);
};

const manifestText = (text: string): string => {
  const manifest = JSON.parse(text) as Manifest;
  const { contributes } = manifest;
  contributes.commands = replaced(
    contributes.commands,
    offered.map(([, p]) => commandRow(p)),
  );
  const menu = contributes.menus['view/item/context'];
  contributes.menus['view/item/context'] = replaced(
    menu,
    offered.flatMap(([v, p]) => menuRow(v, p)),
  );
  return textOf(manifest);
};

const textOf = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;

// A title without a translation stays in English until it is translated.
const titlesText = (text: string, isEnglish: boolean): string => {
  const titles = JSON.parse(text) as Record<string, string>;
  for (const [, p] of offered) {
    const key = `command.${p.command}`;
    if (isEnglish || titles[key] === undefined) titles[key] = p.title;
  }
  return textOf(titles);
};

const files: Readonly<Record<string, (text: string) => string>> = {
  'package.json': manifestText,
  'package.nls.json': (text) => titlesText(text, true),
  'package.nls.zh-cn.json': (text) => titlesText(text, false),
};

const stale = Object.entries(files).filter(([file, render]) => {
  const text = readFileSync(file, 'utf8');
  const wanted = render(text);
  if (process.argv.includes('--write')) writeFileSync(file, wanted);
  return JSON.stringify(JSON.parse(text)) !== JSON.stringify(JSON.parse(wanted));
});

if (stale.length > 0 && !process.argv.includes('--write')) {
  console.error(`Out of date with the verbs: ${stale.map(([file]) => file).join(', ')}. Run: npm run generate`);
  process.exitCode = 1;
}
