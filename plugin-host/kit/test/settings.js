// What a manifest and its configSchema say about settings: defaults, secrets, and the keywords of JSON Schema 2020-12 that plugins use.
// An unknown keyword is an error here: better than a test that passes settings the gateway would refuse.

const ANNOTATIONS = ['$schema', '$id', '$defs', '$comment', 'title', 'description', 'default', 'examples', 'deprecated', 'readOnly',
  'writeOnly', 'format', 'contentEncoding', 'contentMediaType'];

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

function isOf(type, value) {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return isObject(value);
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type;
}

const KEYWORDS = {
  type: (wanted, value) => [].concat(wanted).some((type) => isOf(type, value)),
  enum: (values, value) => values.some((one) => same(one, value)),
  const: (one, value) => same(one, value),
  minimum: (bound, value) => typeof value !== 'number' || value >= bound,
  maximum: (bound, value) => typeof value !== 'number' || value <= bound,
  exclusiveMinimum: (bound, value) => typeof value !== 'number' || value > bound,
  exclusiveMaximum: (bound, value) => typeof value !== 'number' || value < bound,
  multipleOf: (of, value) => typeof value !== 'number' || Number.isInteger(value / of),
  minLength: (bound, value) => typeof value !== 'string' || [...value].length >= bound,
  maxLength: (bound, value) => typeof value !== 'string' || [...value].length <= bound,
  pattern: (pattern, value) => typeof value !== 'string' || new RegExp(pattern, 'u').test(value),
  minItems: (bound, value) => !Array.isArray(value) || value.length >= bound,
  maxItems: (bound, value) => !Array.isArray(value) || value.length <= bound,
  uniqueItems: (wanted, value) => !wanted || !Array.isArray(value) || new Set(value.map((one) => JSON.stringify(one))).size === value.length,
  minProperties: (bound, value) => !isObject(value) || Object.keys(value).length >= bound,
  maxProperties: (bound, value) => !isObject(value) || Object.keys(value).length <= bound,
  required: (names, value) => !isObject(value) || names.every((name) => Object.hasOwn(value, name)),
};

class Check {
  #root;
  faults = [];

  constructor(root) {
    this.#root = root;
  }

  #resolved(reference) {
    if (!reference.startsWith('#')) throw new Error(`configSchema: $ref "${reference}" is not within the schema`);
    return reference.slice(1).split('/').filter(Boolean)
      .reduce((node, name) => node?.[name.replace(/~1/g, '/').replace(/~0/g, '~')], this.#root);
  }

  #holds(schema, value) {
    const apart = new Check(this.#root);
    apart.value(schema, value, '');
    return apart.faults.length === 0;
  }

  value(schema, value, at) {
    if (schema === true) return;
    if (schema === false) {
      this.faults.push(`${at}: is not allowed`);
      return;
    }
    for (const [keyword, wanted] of Object.entries(schema)) {
      if (KEYWORDS[keyword] !== undefined) {
        if (!KEYWORDS[keyword](wanted, value)) this.faults.push(`${at || '/'}: ${keyword} ${JSON.stringify(wanted)}`);
      } else {
        this.#nested(keyword, wanted, schema, value, at);
      }
    }
  }

  #nested(keyword, wanted, schema, value, at) {
    const each = (list, inner) => list.forEach(([name, item]) => this.value(inner, item, `${at}/${name}`));
    switch (keyword) {
      case '$ref':
        this.value(this.#resolved(wanted), value, at);
        break;
      case 'properties':
        if (isObject(value)) {
          for (const [name, inner] of Object.entries(wanted)) if (Object.hasOwn(value, name)) this.value(inner, value[name], `${at}/${name}`);
        }
        break;
      case 'patternProperties':
        if (isObject(value)) {
          for (const [pattern, inner] of Object.entries(wanted)) {
            each(Object.entries(value).filter(([name]) => new RegExp(pattern, 'u').test(name)), inner);
          }
        }
        break;
      case 'additionalProperties':
        if (isObject(value)) {
          const patterns = Object.keys(schema.patternProperties ?? {}).map((pattern) => new RegExp(pattern, 'u'));
          each(Object.entries(value).filter(([name]) =>
            !Object.hasOwn(schema.properties ?? {}, name) && !patterns.some((pattern) => pattern.test(name))), wanted);
        }
        break;
      case 'propertyNames':
        if (isObject(value)) Object.keys(value).forEach((name) => this.value(wanted, name, `${at}/${name}`));
        break;
      case 'items':
        if (Array.isArray(value)) each([...value.entries()].slice(schema.prefixItems?.length ?? 0), wanted);
        break;
      case 'prefixItems':
        if (Array.isArray(value)) wanted.forEach((inner, i) => i < value.length && this.value(inner, value[i], `${at}/${i}`));
        break;
      case 'allOf':
        wanted.forEach((inner) => this.value(inner, value, at));
        break;
      case 'anyOf':
        if (!wanted.some((inner) => this.#holds(inner, value))) this.faults.push(`${at}: none of anyOf`);
        break;
      case 'oneOf':
        if (wanted.filter((inner) => this.#holds(inner, value)).length !== 1) this.faults.push(`${at}: not one of oneOf`);
        break;
      case 'not':
        if (this.#holds(wanted, value)) this.faults.push(`${at}: not`);
        break;
      case 'if':
        this.value((this.#holds(wanted, value) ? schema.then : schema.else) ?? true, value, at);
        break;
      case 'then':
      case 'else':
        break;
      default:
        if (!ANNOTATIONS.includes(keyword)) throw new Error(`configSchema: keyword "${keyword}" is not known to these tests`);
    }
  }
}

function fill(settings, schema) {
  for (const [name, property] of Object.entries(schema?.properties ?? {})) {
    if (settings[name] === undefined && property.default !== undefined) settings[name] = structuredClone(property.default);
    const value = settings[name];
    if (isObject(value)) fill(value, property);
    else if (Array.isArray(value)) value.filter(isObject).forEach((item) => fill(item, property.items));
  }
}

function reveal(settings, schema, secrets) {
  for (const [name, property] of Object.entries(schema?.properties ?? {})) {
    const value = settings[name];
    if (property.writeOnly === true && isObject(value) && typeof value.secret === 'string') {
      if (secrets[value.secret] === undefined) throw new Error(`config /${name}: no secret "${value.secret}" is given`);
      settings[name] = secrets[value.secret];
    } else if (isObject(value)) {
      reveal(value, property, secrets);
    }
  }
}

/** Settings as hooks get them; throws with all faults. */
export function settingsOf(schema, config, secrets) {
  const settings = JSON.parse(JSON.stringify(config));
  if (schema === undefined) return settings;
  fill(settings, schema);
  reveal(settings, schema, secrets);
  const check = new Check(schema);
  check.value(schema, settings, '');
  if (check.faults.length > 0) throw new Error(`config: ${check.faults.join('; ')}`);
  return settings;
}
