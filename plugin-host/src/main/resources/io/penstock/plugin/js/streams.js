// ReadableStream (Streams standard, section 4) with its default reader: what libraries need that pass the body of one message on as
// that of another. Bodies themselves are whole in memory; the stream of one keeps its bytes at hand for whoever takes all of them.
(function (realm) {
  'use strict';

  class Reader {
    #stream;
    #isReleased = false;

    constructor(stream) {
      this.#stream = stream;
    }

    get closed() {
      return ended(this.#stream);
    }

    read() {
      if (this.#isReleased) return Promise.reject(new TypeError('the reader was released'));
      return pulled(this.#stream);
    }

    releaseLock() {
      this.#isReleased = true;
      unlock(this.#stream);
    }

    async cancel(reason) {
      return cancelled(this.#stream, reason);
    }
  }

  class ReadableStream {
    #source;
    #queue = [];
    #waiting = [];
    #isClosed = false;
    #fault = null;
    #isLocked = false;
    #isTouched = false;
    #isPulling = false;
    #bytes = null;
    #controller;
    #started;
    #end;
    #onEnd;

    constructor(source = {}) {
      if (source.type === 'bytes') throw new TypeError('byte streams are not supported');
      this.#source = source;
      this.#end = new Promise((resolve, reject) => {
        this.#onEnd = { resolve, reject };
      });
      this.#end.catch(() => {});
      this.#controller = {
        enqueue: (chunk) => this.#enqueue(chunk),
        close: () => this.#close(),
        error: (reason) => this.#fail(reason),
        get desiredSize() {
          return 1;
        },
      };
      this.#started = Promise.resolve(source.start?.(this.#controller));
      this.#started.catch((reason) => this.#fail(reason));
    }

    get locked() {
      return this.#isLocked;
    }

    getReader(options) {
      if (options?.mode !== undefined) throw new TypeError('only the default reader is supported');
      if (this.#isLocked) throw new TypeError('the stream is locked to a reader');
      this.#isLocked = true;
      return new Reader(this);
    }

    async cancel(reason) {
      if (this.#isLocked) throw new TypeError('the stream is locked to a reader');
      return this.#cancel(reason);
    }

    tee() {
      const reader = this.getReader();
      const branches = [];
      const pull = async () => {
        const { done, value } = await reader.read();
        for (const controller of branches) {
          if (done) controller.close();
          else controller.enqueue(value);
        }
      };
      const branch = () => new ReadableStream({ start: (controller) => void branches.push(controller), pull });
      return [branch(), branch()];
    }

    async pipeTo(destination) {
      const writer = destination.getWriter();
      for await (const chunk of this) await writer.write(chunk);
      await writer.close();
    }

    pipeThrough({ readable, writable }) {
      this.pipeTo(writable).catch(() => {});
      return readable;
    }

    async *values() {
      const reader = this.getReader();
      try {
        for (;;) {
          const { done, value } = await reader.read();
          if (done) return;
          yield value;
        }
      } finally {
        reader.releaseLock();
      }
    }

    [Symbol.asyncIterator]() {
      return this.values();
    }

    static from(iterable) {
      const iterator = iterable[Symbol.asyncIterator]?.() ?? iterable[Symbol.iterator]();
      return new ReadableStream({
        async pull(controller) {
          const { done, value } = await iterator.next();
          if (done) controller.close();
          else controller.enqueue(value);
        },
        cancel: (reason) => iterator.return?.(reason),
      });
    }

    #enqueue(chunk) {
      if (this.#isClosed || this.#fault !== null) throw new TypeError('the stream has ended');
      const next = this.#waiting.shift();
      if (next === undefined) this.#queue.push(chunk);
      else next.resolve({ done: false, value: chunk });
    }

    #close() {
      if (this.#isClosed || this.#fault !== null) return;
      this.#isClosed = true;
      for (const next of this.#waiting.splice(0)) next.resolve({ done: true, value: undefined });
      this.#onEnd.resolve();
    }

    #fail(reason) {
      if (this.#isClosed || this.#fault !== null) return;
      this.#fault = { reason };
      this.#queue.length = 0;
      for (const next of this.#waiting.splice(0)) next.reject(reason);
      this.#onEnd.reject(reason);
    }

    async #cancel(reason) {
      this.#isTouched = true;
      this.#queue.length = 0;
      if (this.#isClosed) return;
      this.#close();
      await this.#source.cancel?.(reason);
    }

    // One chunk for the one who reads; asks the source for one where none is there.
    #pull() {
      this.#isTouched = true;
      if (this.#queue.length > 0) return Promise.resolve({ done: false, value: this.#queue.shift() });
      if (this.#fault !== null) return Promise.reject(this.#fault.reason);
      if (this.#isClosed) return Promise.resolve({ done: true, value: undefined });
      const chunk = new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
      this.#askSource();
      return chunk;
    }

    async #askSource() {
      if (this.#isPulling || this.#source.pull === undefined) return;
      this.#isPulling = true;
      try {
        await this.#started;
        while (this.#waiting.length > 0 && !this.#isClosed && this.#fault === null) {
          const before = this.#waiting.length;
          await this.#source.pull(this.#controller);
          if (this.#waiting.length === before) break;
        }
      } catch (reason) {
        this.#fail(reason);
      } finally {
        this.#isPulling = false;
      }
    }

    static ended(stream) {
      return stream.#end;
    }

    static pulled(stream) {
      return stream.#pull();
    }

    static unlock(stream) {
      stream.#isLocked = false;
    }

    static cancelled(stream, reason) {
      return stream.#cancel(reason);
    }

    static ofBytes(bytes, onTouch) {
      const stream = new ReadableStream({
        pull(controller) {
          onTouch();
          if (bytes.length > 0) controller.enqueue(bytes.slice());
          controller.close();
        },
      });
      stream.#bytes = bytes;
      return stream;
    }

    // All bytes of a stream that nobody has begun to read, and only of one that had them from the start.
    static wholeOf(stream) {
      if (stream.#isLocked || stream.#isTouched) throw new TypeError('the stream is locked or was read already');
      if (stream.#bytes === null) return null;
      stream.#isTouched = true;
      stream.#close();
      return stream.#bytes;
    }
  }
  const { ended, pulled, unlock, cancelled, ofBytes, wholeOf } = ReadableStream;
  for (const name of ['ended', 'pulled', 'unlock', 'cancelled', 'ofBytes', 'wholeOf']) delete ReadableStream[name];

  realm.streamOf = ofBytes;
  realm.wholeStream = wholeOf;
  realm.ReadableStream = ReadableStream;
  realm.expose({ ReadableStream });
});
