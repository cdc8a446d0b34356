// The project's own lint rules: wording of texts and names.

// Phrases that no native speaker in this field writes; each is wrong in any context.
const phrases = new RegExp(
  [
    'anew',
    '(?:go|goes|going|gone) on with',
    'as asked',
    'is so already',
    '(?:say|says|said) --[a-z]',
    'say (?:it|the verb|its verb) again',
    'if it is meant',
    'can not',
    'exists already',
    'is there already',
    'stands? in the way',
    'comes? to nothing',
    'heard of',
    'suffices?',
    'ma(?:ke|kes|de) again',
  ]
    .map((phrase) => `\\b${phrase}\\b`)
    .join('|'),
);

/** Checks comments, messages, and templates. */
const wording = {
  meta: { type: 'suggestion', schema: [] },
  create(context) {
    const look = (text, node) => {
      const [found] = phrases.exec(text) ?? [];
      if (found !== undefined) context.report({ node, message: `Say it as the field does: "${found}"` });
    };
    return {
      Program: () => context.sourceCode.getAllComments().forEach((comment) => look(comment.value, comment)),
      Literal: (node) => typeof node.value === 'string' && look(node.value, node),
      TemplateElement: (node) => look(node.value.raw, node),
    };
  },
};

// Name parts that mean nothing in this field.
const dialect = new Set(
  'wish wishes whom tell tells told teller said say says deed manner hands door sick living meanwhile'.split(' '),
);

/** No words of the project's own dialect in declared names; one-letter parameters only in one-line functions. */
const names = {
  meta: { type: 'suggestion', schema: [] },
  create(context) {
    const isLong = (node) => node.loc.start.line !== node.loc.end.line;
    const isTranslate = (id) => context.sourceCode.getText(id.typeAnnotation) === ': Translate';
    const parameters = (node) => {
      for (const id of node.params) {
        if (id.type !== 'Identifier' || id.name.length > 1 || id.name === '_' || !isLong(node) || !node.body) continue;
        if (id.typeAnnotation && isTranslate(id)) continue;
        context.report({ node: id, message: `"${id.name}" needs a name: its function has more than one line` });
      }
    };
    const declared = (id) => {
      if (id?.type !== 'Identifier') return;
      const found = id.name.split(/(?=[A-Z])/).find((part) => dialect.has(part.toLowerCase()));
      if (found !== undefined) context.report({ node: id, message: `"${found}" is no word of this field` });
    };
    const functions = (node) => {
      parameters(node);
      declared(node.id);
      node.params.forEach(declared);
    };
    return {
      ArrowFunctionExpression: functions,
      FunctionDeclaration: functions,
      FunctionExpression: functions,
      VariableDeclarator: (node) => declared(node.id),
      TSInterfaceDeclaration: (node) => declared(node.id),
      TSTypeAliasDeclaration: (node) => declared(node.id),
      ClassDeclaration: (node) => declared(node.id),
      MethodDefinition: (node) => declared(node.key),
      PropertyDefinition: (node) => declared(node.key),
      TSPropertySignature: (node) => declared(node.key),
    };
  },
};

// Exported name -> file that exports it; shared by one whole eslint run.
const exporters = new Map();

/** Each exported name is declared in one file only: one meaning per name. */
const exports = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const look = (id) => {
      if (id?.type !== 'Identifier') return;
      const other = exporters.get(id.name);
      if (other === undefined) exporters.set(id.name, context.filename);
      else if (other !== context.filename) context.report({ node: id, message: `${other} exports "${id.name}", too` });
    };
    return {
      ExportNamedDeclaration: ({ declaration }) => {
        look(declaration?.id);
        declaration?.declarations?.forEach((d) => look(d.id));
      },
    };
  },
};

/** The plugin for eslint.config.mjs. */
export const house = { rules: { wording, names, exports } };
