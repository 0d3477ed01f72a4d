/**
 * What the picture does in a browser: zoom, search, keyboard. It reads the boxes it finds in the document, and puts names into it as
 * text only. Nothing is loaded, and nothing goes out. Without it, the picture is there with its tooltips.
 *
 * A text and no module, as it goes into the file as it is.
 */
export const SCRIPT = String.raw`(function () {
  'use strict';
  var svg = document.documentElement;
  var NARROW = 3, LETTER = 7.25, MARGIN = 10;
  var all = Array.prototype.slice.call(document.querySelectorAll('#frames > g'));
  var boxes = all.map(function (g, index) {
    var rect = g.querySelector('rect');
    var title = g.querySelector('title').textContent;
    return {
      g: g, rect: rect, text: g.querySelector('text'), title: title, name: g.getAttribute('data-n') || title, index: index,
      x: Number(g.getAttribute('data-x')), w: Number(g.getAttribute('data-w')), depth: Number(g.getAttribute('data-d')),
      parent: null, children: [], shown: true
    };
  });
  if (boxes.length === 0) return;
  var last = [];
  boxes.forEach(function (box) {
    box.parent = box.depth > 0 ? last[box.depth - 1] : null;
    if (box.parent) box.parent.children.push(box);
    last[box.depth] = box;
    box.label = box.name;
  });
  var details = document.getElementById('details');
  var matched = document.getElementById('matched');
  var buttons = { reset: document.getElementById('reset'), search: document.getElementById('search') };
  var width = 1200, zoomed = boxes[0], focused = boxes[0], pattern = null;

  function fit(text, room) {
    var letters = Math.floor((room - 6) / LETTER);
    if (letters < 3) return '';
    return text.length <= letters ? text : text.slice(0, letters - 1) + '\u2026';
  }
  function draw() {
    width = svg.clientWidth || svg.getBoundingClientRect().width || 1200;
    svg.setAttribute('viewBox', '0 0 ' + width + ' ' + svg.getAttribute('data-height'));
    var room = width - 2 * MARGIN, scale = room / zoomed.w, end = zoomed.x + zoomed.w, tiny = 1e-9;
    boxes.forEach(function (box) {
      var isAbove = box.depth < zoomed.depth && box.x <= zoomed.x + tiny && box.x + box.w >= end - tiny;
      var isBelow = box.depth >= zoomed.depth && box.x >= zoomed.x - tiny && box.x + box.w <= end + tiny;
      var w = isAbove ? room : box.w * scale;
      box.shown = isAbove || (isBelow && w >= 0.3);
      box.g.style.display = box.shown ? '' : 'none';
      if (!box.shown) return;
      var x = isAbove ? MARGIN : MARGIN + (box.x - zoomed.x) * scale;
      box.rect.setAttribute('x', x.toFixed(2));
      box.rect.setAttribute('width', Math.max(0.3, w - (w > NARROW ? 0.5 : 0)).toFixed(2));
      box.g.setAttribute('class', (isAbove ? 'above ' : '') + (box.hit ? 'hit' : ''));
      box.text.setAttribute('x', (x + 3).toFixed(2));
      box.text.textContent = fit(box.label, w);
    });
    buttons.reset.style.display = zoomed === boxes[0] ? 'none' : '';
    ['search', 'matched'].forEach(function (id) {
      document.getElementById(id).setAttribute('x', String(width - MARGIN));
    });
    document.getElementById('title').setAttribute('x', String(width / 2));
  }
  function zoom(box) { zoomed = box; draw(); }
  function say(box) { details.textContent = box ? box.title.replace(/\n/g, ' \u00b7 ') : ' '; }
  function focus(box) {
    focused.g.setAttribute('tabindex', '-1');
    focused = box;
    box.g.setAttribute('tabindex', '0');
    box.g.focus();
  }
  function boxOf(target) {
    for (var at = target; at && at !== svg; at = at.parentNode) {
      var index = all.indexOf(at);
      if (index >= 0) return boxes[index];
    }
    return null;
  }
  function search(words) {
    pattern = null;
    if (words) {
      try { pattern = new RegExp(words, 'i'); }
      catch (_) { pattern = new RegExp(words.replace(/[.*+?^\$\{\}()|[\]\\]/g, '\\$&'), 'i'); }
    }
    var covered = 0, until = -1;
    boxes.forEach(function (box) {
      box.hit = pattern !== null && box.depth > 0 && pattern.test(box.name);
      // Boxes are in order of their beginning, and outer ones first: what is within one that counts does not count again.
      if (box.hit && box.x >= until - 1e-9) { covered += box.w; until = box.x + box.w; }
    });
    matched.textContent = pattern === null ? '' : 'Matched: ' + (covered / boxes[0].w * 100).toFixed(1) + ' %';
    buttons.search.textContent = pattern === null ? 'Search' : 'Clear search';
    draw();
  }
  function toggleSearch() {
    if (pattern !== null) search('');
    else search(prompt('Search names and files (a regular expression is fine):', '') || '');
  }
  function sibling(box, step) {
    var shown = boxes.filter(function (other) { return other.shown && other.depth === box.depth; });
    return shown[shown.indexOf(box) + step];
  }
  function child(box) {
    return box.children.filter(function (other) { return other.shown; }).reduce(function (best, other) {
      return best === undefined || other.w > best.w ? other : best;
    }, undefined);
  }
  svg.addEventListener('click', function (event) {
    if (event.target === buttons.reset) return zoom(boxes[0]);
    if (event.target === buttons.search) return toggleSearch();
    var box = boxOf(event.target);
    if (box) { focus(box); zoom(box); }
  });
  // What has the keyboard's focus is told again where the mouse is at nothing: boxes move away from under it.
  svg.addEventListener('mouseover', function (event) { say(boxOf(event.target) || (document.activeElement === focused.g ? focused : null)); });
  svg.addEventListener('focusin', function (event) {
    var box = boxOf(event.target);
    if (box) focused = box;
    say(box);
  });
  svg.addEventListener('keydown', function (event) {
    var key = event.key, to = null;
    if ((key === 'f' && (event.ctrlKey || event.metaKey)) || key === '/') { event.preventDefault(); return search(prompt('Search names and files (a regular expression is fine):', '') || ''); }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target === buttons.reset || event.target === buttons.search) {
      if (key === 'Enter' || key === ' ') { event.preventDefault(); if (event.target === buttons.reset) { zoom(boxes[0]); focus(boxes[0]); } else toggleSearch(); }
      return;
    }
    if (key === 'Escape') { if (pattern !== null) search(''); else zoom(boxes[0]); return; }
    if (key === 'ArrowUp') to = focused.parent;
    else if (key === 'ArrowDown') to = child(focused);
    else if (key === 'ArrowLeft') to = sibling(focused, -1);
    else if (key === 'ArrowRight') to = sibling(focused, 1);
    else if (key === 'Home') to = boxes[0];
    else if (key === 'Enter' || key === ' ') { event.preventDefault(); return zoom(focused); }
    else return;
    event.preventDefault();
    if (to) focus(to);
  });
  window.addEventListener('resize', draw);
  boxes[0].g.setAttribute('tabindex', '0');
  buttons.search.style.display = '';
  draw();
})();`;
