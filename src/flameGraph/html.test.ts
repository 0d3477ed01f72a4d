import assert from 'node:assert/strict';
import { pageHtml } from './html.ts';

const parts = {
  cspSource: 'https://*.vscode-cdn.net',
  scripts: ['https://x/flameGraph.js'],
  style: 'https://x/flameGraph.css',
  title: 'app.py',
  language: 'en',
};

describe('pageHtml', () => {
  it('lets the page run its own script and nothing else', () => {
    const html = pageHtml(parts);
    const nonce = /script-src &#39;nonce-([\w-]+)&#39;/.exec(html)?.[1];
    assert.ok(nonce !== undefined && nonce.length >= 24);
    assert.ok(html.includes('default-src &#39;none&#39;;'));
    assert.ok(!html.includes('unsafe') && !html.includes('blob:'));
    assert.deepEqual(html.match(/<script[^>]*>/g), [`<script nonce="${nonce}" src="https://x/flameGraph.js">`]);
  });

  it('lets scripts make styles or workers only where they do', () => {
    assert.match(pageHtml({ ...parts, makesStyles: true }), /style-src [^;]+ &#39;unsafe-inline&#39;"/);
    assert.match(pageHtml({ ...parts, makesWorkers: true }), /; worker-src blob:"/);
  });

  it('has another nonce every time', () => {
    assert.notEqual(pageHtml(parts), pageHtml(parts));
  });

  it('takes any title', () => {
    assert.ok(
      pageHtml({ ...parts, title: '</title><script>alert("1")</script>' }).includes(
        '<title>&#60;/title&#62;&#60;script&#62;alert(&#34;1&#34;)&#60;/script&#62;</title>',
      ),
    );
  });
});
