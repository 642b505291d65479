import { render } from 'preact';
import '@preact/signals';
import './theme.ts';
import { Questions } from './parts/dialog.tsx';
import { Shell } from './parts/shell.tsx';
import { Toasts } from './parts/toasts.tsx';
import { TokenDialog, TokenPage } from './parts/token.tsx';
import { CurrentPage } from './routes.tsx';
import { refused, token } from './session.ts';
import { say } from './words.ts';

function App() {
  const entered = token.value !== null;
  return (
    <>
      <a class="skip" href="#main">
        {say('skip')}
      </a>
      <Shell entered={entered} />
      <main id="main" tabIndex={-1}>
        {entered ? <CurrentPage /> : <TokenPage />}
      </main>
      {entered && refused.value && <TokenDialog />}
      <Questions />
      <Toasts />
    </>
  );
}

const root = document.getElementById('app');
if (root !== null) render(<App />, root);
