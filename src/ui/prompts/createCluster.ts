import * as vscode from 'vscode';
import { clusterSpec } from '../../model/cluster.ts';
import { t } from '../localised.ts';
import { customFields, type Field, type CreateRequest } from './customFields.ts';
import { askAll, choose, type, type StepAnswer, type StepPlace, type PromptStep } from './multiStep.ts';
import { problemWith } from './problem.ts';

/** Location of the new cluster. */
export interface Where {
  readonly project: string;
  readonly cloud: string;
  /** Zones that are up. */
  readonly zones: readonly string[];
}

interface State {
  readonly region: string;
  readonly request: CreateRequest;
}

/**
 * The prompts of Create Cluster… (project, region, zone, name, nodes, API access, summary); every answer is validated
 * by the command line's own function. Undefined if the user dismissed them.
 */
export const askForCluster = async (
  where: Where,
  proposal: { readonly zone: string; readonly nodes: number; readonly machineType: string },
): Promise<CreateRequest | undefined> => {
  const first: State = {
    region: regionName(proposal.zone),
    request: { zone: proposal.zone, name: 'kubernetes', nodes: proposal.nodes, machineType: proposal.machineType },
  };
  const questions = [
    project(where),
    region(where),
    zone(where),
    name(where),
    nodes(where),
    reach(where),
    summary(where),
  ];
  return (await askAll(t('Create Cluster'), first, questions))?.request;
};

// Google's zone names end in a dash and a few letters; `regionOf` of the model is stricter than the cloud's own list.
const regionName = (zoneName: string): string => zoneName.replace(/-[^-]*$/, '');

/** Error of a request; built inside, so that invalid parts are reported too. */
const problemOf = (where: Where, request: () => CreateRequest): string | undefined =>
  problemWith(() => clusterSpec({ ...request(), project: where.project }));

const onward = <T, S>(answer: StepAnswer<T>, next: (value: T) => S): StepAnswer<S> =>
  typeof answer === 'string' ? answer : { value: next(answer.value) };

const project =
  (where: Where): PromptStep<State> =>
  async (state, place) => {
    const here = { label: where.project, description: where.cloud };
    const other = { label: t('Another project…') };
    const answer = await choose(place, t('Select a project'), [here, other], (i) => i === here);
    if (typeof answer === 'string') return answer;
    if (answer.value === here) return { value: state };
    await vscode.commands.executeCommand('trizone.google.chooseProject');
    return 'gone';
  };

const region =
  (where: Where): PromptStep<State> =>
  async (state, place) => {
    const names = [...new Set(where.zones.map(regionName))];
    const items = names.map((label) => {
      const inIt = where.zones.filter((z) => regionName(z) === label).map((z) => z.slice(label.length + 1));
      return { label, description: t('zones {0}', inIt.join(', ')) };
    });
    const answer = await choose(
      place,
      t('Select a region. A cluster runs in one region.'),
      items,
      (i) => i.label === state.region,
    );
    return onward(answer, ({ label }) => ({ ...state, region: label }));
  };

const zone =
  (where: Where): PromptStep<State> =>
  async (state, place) => {
    const items = where.zones.filter((z) => regionName(z) === state.region).map((label) => ({ label }));
    const prompt = t('Select the first zone. You can add more zones later.');
    const answer = await choose(place, prompt, items, (i) => i.label === state.request.zone);
    return onward(answer, ({ label }) => ({ ...state, wish: { ...state.request, zone: label } }));
  };

const name =
  (where: Where): PromptStep<State> =>
  async (state, place) => {
    const problem = (typed: string) => problemOf(where, () => ({ ...state.request, name: typed }));
    const answer = await type(place, t('Cluster name, unique in the project'), state.request.name ?? '', problem);
    return onward(answer, (typed) => ({ ...state, wish: { ...state.request, name: typed } }));
  };

const nodes =
  (where: Where): PromptStep<State> =>
  async (state, place) => {
    const wanted = (typed: string): number => (/^\d{1,9}$/.test(typed) ? Number(typed) : NaN);
    const problem = (typed: string) => problemOf(where, () => ({ ...state.request, nodes: wanted(typed) }));
    const answer = await type(place, t('Number of nodes, 0 to 1000'), String(state.request.nodes ?? 3), problem);
    return onward(answer, (typed) => ({ ...state, wish: { ...state.request, nodes: wanted(typed) } }));
  };

const reach =
  (where: Where): PromptStep<State> =>
  async (state, place) => {
    const allow = state.request.apiAllow ?? [];
    const everybody = {
      label: t('Anyone (0.0.0.0/0)'),
      description: t('as in the article; clients still need a certificate'),
    };
    const some = { label: t('Only specific ranges…'), description: allow.join(', ') };
    const answer = await choose(place, t('Who can reach the API?'), [everybody, some], (item) =>
      allow.length > 0 ? item === some : item === everybody,
    );
    if (typeof answer === 'string') return answer;
    if (answer.value === everybody) return { value: { ...state, request: { ...state.request, apiAllow: [] } } };
    const ranges = (typed: string): string[] => typed.split(/[\s,]+/).filter((x) => x !== '');
    const problem = (typed: string) =>
      ranges(typed).length === 0
        ? t('Enter at least one range, for example 203.0.113.0/24')
        : problemOf(where, () => ({ ...state.request, apiAllow: ranges(typed) }));
    const typed = await type(place, t('Ranges that can reach the API, separated by commas'), allow.join(', '), problem);
    return onward(typed, (text) => ({ ...state, wish: { ...state.request, apiAllow: ranges(text) } }));
  };

const summary =
  (where: Where): PromptStep<State> =>
  async (state, place) => {
    let { request: wish } = state;
    for (;;) {
      const spec = clusterSpec({ ...wish, project: where.project });
      const go = {
        label: `$(list-tree) ${t('Show plan')}`,
        description: t('{0} in {1}, {2} nodes', spec.name, spec.zone, spec.pool.nodes),
        detail: t('Nothing is created until you review and confirm the plan.'),
      };
      const more = {
        label: `$(settings-gear) ${t('Customize…')}`,
        description: t(
          'Nodes {0}, master {1}, Kubernetes {2}, ranges',
          spec.pool.machineType,
          spec.master.machineType,
          spec.versions.kubernetes,
        ),
      };
      const answer = await choose(place, where.cloud, [go, more], (i) => i === go);
      if (typeof answer === 'string') return answer;
      if (answer.value === go) return { value: { ...state, request: wish } };
      wish = await customised(where, wish, place);
    }
  };

// Returns to the summary, whatever was changed.
const customised = async (where: Where, request: CreateRequest, place: StepPlace): Promise<CreateRequest> => {
  const spec = clusterSpec({ ...request, project: where.project });
  const items = customFields(t).map((field) => ({ label: field.label, description: field.value(spec), field }));
  const answer = await choose(place, t('Select a setting to change'), items, () => true);
  return typeof answer === 'string' ? request : changed(where, request, place, answer.value.field);
};

const changed = async (
  where: Where,
  request: CreateRequest,
  place: StepPlace,
  field: Field,
): Promise<CreateRequest> => {
  const current = field.value(clusterSpec({ ...request, project: where.project }));
  const problem = (typed: string) => problemOf(where, () => field.set(request, typed));
  const answer = await type(place, field.label, current, problem);
  return typeof answer === 'string' ? request : field.set(request, answer.value);
};
