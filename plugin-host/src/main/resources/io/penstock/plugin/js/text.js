// Values as text: what an exception says, what a line of the log says, and the console that writes such lines.
(function (realm) {
  'use strict';

  const { host } = realm;

  function described(error) {
    try {
      if (error instanceof Error && typeof error.stack === 'string') return error.stack;
      if (typeof error === 'object' && error !== null && typeof error.message === 'string') return error.message;
      return 'thrown: ' + String(error);
    } catch {
      return 'thrown: something that cannot be shown';
    }
  }
  realm.described = described;

  const shown = (value) => {
    if (typeof value === 'string') return value;
    if (value instanceof Error) return described(value);
    if (typeof value !== 'object' || value === null) return typeof value === 'bigint' ? `${value}n` : String(value);
    try {
      return JSON.stringify(value, (key, item) => (typeof item === 'bigint' ? `${item}n` : item)) ?? String(value);
    } catch {
      return Object.prototype.toString.call(value);
    }
  };
  realm.formatted = (parts) => {
    if (typeof parts[0] !== 'string' || !parts[0].includes('%')) return parts.map(shown).join(' ');
    let next = 1;
    const text = parts[0].replace(/%[sdifoOjc%]/g, (mark) => {
      if (mark === '%%') return '%';
      if (next >= parts.length) return mark;
      const part = parts[next++];
      if (mark === '%c') return '';
      if (mark === '%d' || mark === '%f') return String(Number(part));
      if (mark === '%i') return String(Math.trunc(Number(part)));
      return shown(part);
    });
    return [text, ...parts.slice(next).map(shown)].join(' ');
  };
  const line = (level) => (...parts) => host.log(level, realm.formatted(parts));
  const console = {
    debug: line('debug'),
    trace: line('debug'),
    log: line('info'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
    dir: (value) => host.log('info', shown(value)),
    assert: (holds, ...parts) => {
      if (!holds) host.log('error', realm.formatted(['assertion failed:', ...parts]));
    },
  };

  realm.expose({ console });
});
