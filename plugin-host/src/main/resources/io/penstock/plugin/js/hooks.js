// Calls the hooks of a plugin and turns what they return into what the gateway understands: 0 goes on, 1 is answered,
// 2 waits for a promise, 3 has failed. Nothing here throws: an exception that leaves a context is dear.
(function (realm) {
  'use strict';

  const { host, HookContext, Rejection, described, LiveRequest, LiveResponse, LiveHeaders, Response, extract, giveAnswer,
    wholeMessage } = realm;
  const GO_ON = 0;
  const ANSWERED = 1;
  const WAITS = 2;

  function failed(call, error) {
    return call.failed(described(error));
  }

  function answered(call, value) {
    if (value instanceof LiveResponse) return GO_ON;
    if (value instanceof Rejection) {
      const fault = call.reject(
        Number(value.status), String(value.reason ?? ''), String(value.detail ?? ''), String(value.challenge ?? ''));
      return fault === null ? ANSWERED : call.badAnswer(fault);
    }
    if (value instanceof Response) {
      const fault = giveAnswer(value, call);
      return fault === null ? ANSWERED : call.badAnswer(fault);
    }
    return call.badAnswer(
      'a hook returns nothing, a Response or ctx.reject(...), and this one returned ' + typeof value);
  }

  function chunked(chunk, value) {
    chunk.replace(value === null ? '' : extract(value)[0]);
    return GO_ON;
  }

  // A response whose body is a stream is an answer once its bytes are there: a promise of it, or null for every other value.
  const streamed = (value) => (value instanceof Response && !(value instanceof LiveResponse) ? wholeMessage(value) : null);

  function settle(call, value, verdict) {
    if (value === undefined) return GO_ON;
    const isPromise = typeof value === 'object' && value !== null && typeof value.then === 'function';
    const promise = isPromise ? Promise.resolve(value) : streamed(value);
    if (promise === null) return verdict(call, value);
    const refuse = (error) => call.settled(failed(call, error));
    const finish = (later) => {
      let outcome;
      try {
        const pending = streamed(later);
        if (pending !== null) {
          pending.then(finish, refuse);
          return;
        }
        outcome = later === undefined ? GO_ON : verdict(call, later);
      } catch (error) {
        outcome = failed(call, error);
      }
      call.settled(outcome);
    };
    promise.then(finish, refuse);
    return WAITS;
  }

  // One closure for each hook of a binding, so that a call crosses the border with one argument and an int comes back.
  const entries = {
    onRequest: (plugin, binding) => (call, about) => {
      try {
        return settle(call, plugin.onRequest(new LiveRequest(call, about), new HookContext(call, binding)), answered);
      } catch (error) {
        return failed(call, error);
      }
    },
    fetch: (plugin, binding) => (call, about) => {
      try {
        const context = new HookContext(call, binding);
        return settle(call, plugin.fetch(new LiveRequest(call, about), { config: binding.config }, context), answered);
      } catch (error) {
        return failed(call, error);
      }
    },
    onResponse: (plugin, binding) => (call, about) => {
      try {
        return settle(call, plugin.onResponse(new LiveResponse(call, about), new HookContext(call, binding)), answered);
      } catch (error) {
        return failed(call, error);
      }
    },
    onResponseTrailers: (plugin, binding) => (call, about) => {
      try {
        const trailers = new LiveHeaders(about);
        return settle(call, plugin.onResponseTrailers(trailers, new HookContext(call, binding)), answered);
      } catch (error) {
        return failed(call, error);
      }
    },
    onError: (plugin, binding) => (call, about) => {
      try {
        return settle(call, plugin.onError(JSON.parse(about), new HookContext(call, binding)), () => GO_ON);
      } catch (error) {
        return failed(call, error);
      }
    },
    onLog: (plugin, binding) => (call, about) => {
      try {
        return settle(call, plugin.onLog(JSON.parse(about), new HookContext(call, binding)), () => GO_ON);
      } catch (error) {
        return failed(call, error);
      }
    },
  };
  for (const name of ['authenticate', 'onUpstreamRequest']) {
    entries[name] = (plugin, binding) => (call, about) => {
      try {
        return settle(call, plugin[name](new LiveRequest(call, about), new HookContext(call, binding)), answered);
      } catch (error) {
        return failed(call, error);
      }
    };
  }
  for (const name of ['onRequestBody', 'onResponseBody']) {
    entries[name] = (plugin, binding) => (call, about) => {
      try {
        const chunk = realm.bytesOf(about.bytes());
        const result = plugin[name](chunk, new HookContext(call, binding), { last: about.isLast() });
        return settle(call, result, (of, value) => chunked(about, value));
      } catch (error) {
        return failed(call, error);
      }
    };
  }

  function frozen(value) {
    if (typeof value === 'object' && value !== null) {
      Object.values(value).forEach(frozen);
      Object.freeze(value);
    }
    return value;
  }

  // The hooks a module's default export has, and what is wrong with the module.
  realm.inspect = (module) => {
    const plugin = module.default;
    const found = { hooks: [], fault: '' };
    if ('fetch' in module) {
      found.fault = 'the module exports "fetch" by name, which would hide the global fetch from it;'
        + ' make it a member of the default export: export default { async fetch(req, env, ctx) {} }';
    } else if (typeof plugin !== 'object' || plugin === null) {
      found.fault = 'the module has no default export that is an object of hooks';
    } else {
      for (const name of ['setup', ...Object.keys(entries)]) {
        const hook = plugin[name];
        if (typeof hook === 'function') found.hooks.push(name);
        else if (hook !== undefined) found.fault = `hook "${name}" is ${typeof hook}, wanted a function`;
      }
    }
    return found;
  };

  realm.bind = (module, index, config) =>
    ({ plugin: module.default, index, config: frozen(JSON.parse(config)), state: undefined });

  realm.entry = (binding, name) => entries[name](binding.plugin, binding);

  const drills = [
    () => new Response('drill', { status: 200, headers: { 'x-drill': '1' } }),
    () => Response.json({ drill: true }, { status: 403 }),
    () => new Response(null, { status: 204 }),
    () => new Rejection(401, 'drill', { detail: 'drill', challenge: 'Bearer' }),
    () => Promise.resolve(new Response('drill')),
  ];
  let drilled = 0;

  // Answers in every way, as samples seldom make a hook do: the first Response that an engine ever made took 250 ms.
  realm.drill = (call, about) => {
    const request = new LiveRequest(call, about);
    request.headers.get('host');
    return settle(call, drills[drilled++ % drills.length](), answered);
  };

  // Runs setup; tells "done" with an empty text, or with what went wrong.
  realm.setup = (binding, done) => {
    try {
      const context = { log: { info: (...parts) => host.log('info', realm.formatted(parts)) } };
      Promise.resolve(binding.plugin.setup(binding.config, context)).then(
        (state) => {
          binding.state = state;
          done('');
        },
        (error) => done(described(error)));
    } catch (error) {
      done(described(error));
    }
  };
});
