import { test } from '@japa/runner';

import { ProgressView, progressStyle, type ProgressStyle } from '../../harness/report/progress-view.ts';

/** What a view wrote to a stream of 40 columns. */
function written(style: ProgressStyle, use: (view: ProgressView) => void): string {
  let text = '';
  const stream = {
    columns: 40,
    write: (more: string) => {
      text += more;
    },
  };
  const view = new ProgressView(stream, style);
  use(view);
  view.close();
  return text;
}

const erase = '\r\u001B[K';

test.group('ProgressView', () => {
  test('is live only in a terminal, and silent when asked to be', ({ assert }) => {
    assert.equal(progressStyle({ isTTY: true }, false), 'live');
    assert.equal(progressStyle({ isTTY: false }, false), 'plain');
    assert.equal(progressStyle({ isTTY: true }, true), 'none');
    assert.equal(progressStyle({ isTTY: false }, true), 'none');
  });

  test('announces each phase once in CI, without a control character', ({ assert }) => {
    const text = written('plain', (view) => {
      view.update('capture 17', 'initdb');
      view.update('capture 17', 'work');
      view.update('replay');
      view.settle();
      view.update('capture 17');
    });
    assert.equal(text, '  capture 17: initdb\n  replay\n  capture 17\n');
  });

  test('keeps one line in a terminal, erased when the phase is over', ({ assert }) => {
    const text = written('live', (view) => {
      view.update('capture 17', 'initdb');
      view.update('capture 17', 'work');
    });
    const drawn = text.split(erase);
    assert.lengthOf(drawn, 4);
    assert.match(drawn[1] ?? '', /^ {2}capture 17: initdb \d+\.\d s$/);
    assert.match(drawn[2] ?? '', /^ {2}capture 17: work \d+\.\d s$/);
    assert.equal(drawn[3], '');
    assert.notInclude(text, '\n');
  });

  test('shows two phases of one kind side by side, and never more than the terminal is wide', ({
    assert,
  }) => {
    const text = written('live', (view) => {
      view.update('root one');
      view.update('root two');
      view.update('root three', 'x'.repeat(100));
      view.update('tape', 'y'.repeat(100));
    });
    const drawn = text.split(erase).filter((line) => line !== '');
    assert.match(drawn[1] ?? '', /^ {2}root one \d+\.\d s {2}\| {2}root two \d+\.\d s$/);
    assert.match(drawn[2] ?? '', /^ {2}root two \d+\.\d s {2}\| {2}root thre… \d+\.\d s$/);
    assert.match(drawn[3] ?? '', /^ {2}tape: y+… \d+\.\d s$/);
    assert.isTrue(drawn.every((line) => line.length < 40));
  });

  test('a step of a phase takes the place of the step before', ({ assert }) => {
    const text = written('live', (view) => {
      view.update('capture 17', 'initdb');
      view.update('capture 17: setup', '1 of 4');
      view.update('capture 17: work', '1 of 8');
    });
    const drawn = text.split(erase).filter((line) => line !== '');
    assert.match(drawn[1] ?? '', /^ {2}capture 17: setup: 1 of 4 \d+\.\d s$/);
    assert.match(drawn[2] ?? '', /^ {2}capture 17: work: 1 of 8 \d+\.\d s$/);
  });

  test('writes nothing when silent', ({ assert }) => {
    const text = written('none', (view) => {
      view.update('one', 'two');
      view.show('stopping');
      view.settle();
    });
    assert.equal(text, '');
  });
});
