'use strict';

const byId = id => document.getElementById(id);
const [model, drop, file, picture, invitation, status, scores, explanation, heat, caption] =
  ['model', 'drop', 'file', 'picture', 'invitation', 'status', 'scores', 'explanation', 'heat', 'caption'].map(byId);
const shown = 10;
let latest = 0;

function tell(text, isWrong = false) {
  status.textContent = text;
  status.classList.toggle('wrong', isWrong);
}

function row({ label, score }) {
  const item = document.createElement('li');
  const [bar, name, share] = ['bar', 'label', 'score'].map(kind => {
    const span = document.createElement('span');
    span.className = kind;
    item.append(span);
    return span;
  });
  bar.style.width = `${100 * score}%`;
  name.textContent = label;
  share.textContent = `${(100 * score).toFixed(1)} %`;
  return item;
}

const post = (address, image) => fetch(address, {
  method: 'POST', headers: { 'Content-Type': 'application/octet-stream' }, body: image,
});

/* Some models cannot explain; then there is nothing to show. */
async function explain(image, label, turn) {
  const response = await post('explain', image);
  if (!response.ok || turn !== latest)
    return;
  const file = await response.blob();
  if (turn !== latest)
    return;
  URL.revokeObjectURL(heat.src);
  heat.src = URL.createObjectURL(file);
  heat.alt = `Where the model sees ${label}`;
  caption.textContent = `Where the model sees ${label}: red the most, blue the least.`;
  explanation.hidden = false;
}

async function classify(image) {
  const turn = ++latest;
  URL.revokeObjectURL(picture.src);
  picture.src = URL.createObjectURL(image);
  picture.alt = image.name || 'the picture';
  picture.hidden = false;
  invitation.hidden = true;
  scores.hidden = true;
  explanation.hidden = true;
  tell('Classifying …');
  try {
    const response = await post(`predict?top=${shown}`, image);
    const answer = await response.json();
    if (turn !== latest)
      return;
    if (!response.ok) {
      tell(answer.detail || answer.title, true);
      return;
    }
    const [prediction] = answer.predictions;
    scores.replaceChildren(...prediction.scores.map(row));
    scores.hidden = false;
    tell(`${image.name || 'Picture'}: ${prediction.label}`);
    await explain(image, prediction.label, turn);
  } catch (error) {
    if (turn === latest)
      tell(`The service did not answer: ${error.message}`, true);
  }
}

// A file that the browser cannot show can be one that the service can read, and the other way round.
picture.addEventListener('error', () => { picture.hidden = true; invitation.hidden = false; });
file.addEventListener('change', () => file.files.length && classify(file.files[0]));

for (const kind of ['dragenter', 'dragover', 'dragleave', 'drop'])
  document.addEventListener(kind, event => {
    event.preventDefault();
    drop.classList.toggle('over', kind === 'dragenter' || kind === 'dragover');
  });
document.addEventListener('drop', event => event.dataTransfer.files.length && classify(event.dataTransfer.files[0]));
document.addEventListener('paste', event => event.clipboardData.files.length && classify(event.clipboardData.files[0]));

fetch('health').then(response => response.json()).then(health => {
  const { architecture, imageSize, classes } = health.model;
  model.textContent = `${architecture}, ${imageSize} pixels, ${classes.length} classes`;
}).catch(() => { model.textContent = 'The service does not answer.'; });
