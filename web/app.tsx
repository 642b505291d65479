import { render } from 'preact';
import '@preact/signals';
import { connection } from './hooks.ts';
import { DeploymentPage } from './pages/deployment.tsx';
import { HomePage } from './pages/home.tsx';
import { JobPage } from './pages/job.tsx';
import { SitePage } from './pages/site.tsx';
import { Heading } from './parts/common.tsx';
import { idUnder, Link, route } from './router.tsx';
import { enter, leave, refused, token } from './session.ts';
import { locale, say } from './words.ts';

function TokenForm() {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget as HTMLFormElement).get('token');
    if (typeof given === 'string' && given.trim() !== '') enter(given.trim());
  };
  return (
    <section class="card narrow">
      <Heading title={say('tokenTitle')} />
      <p role={refused.value ? 'alert' : undefined} class={refused.value ? 'trouble' : undefined}>
        {say(refused.value ? 'tokenRefused' : 'tokenHelp')}
      </p>
      <form onSubmit={submit}>
        <label>
          {say('tokenTitle')}
          <input name="token" type="password" autocomplete="off" required />
        </label>
        <button type="submit">{say('open')}</button>
      </form>
    </section>
  );
}

function CurrentPage() {
  const job = idUnder('jobs');
  const deployment = idUnder('deployments');
  const site = idUnder('sites');
  if (route.value === '') return <HomePage />;
  if (job !== null) return <JobPage key={job} jobId={job} />;
  if (deployment !== null) return <DeploymentPage key={deployment} deploymentId={deployment} />;
  if (site !== null) return <SitePage key={site} systemId={site} />;
  return <Heading title={say('notFound')} />;
}

function ConnectionState() {
  const state = connection.value;
  return (
    <span class={`connection ${state ?? ''}`} role="status">
      {state !== null && say(state)}
    </span>
  );
}

function App() {
  const entered = token.value !== null && !refused.value;
  return (
    <>
      <a class="skip" href="#main">
        {say('skip')}
      </a>
      <header>
        <nav aria-label="lifo4-ml">
          <Link to="">lifo4-ml</Link>
        </nav>
        <ConnectionState />
        {entered && (
          <button type="button" onClick={leave}>
            {say('forget')}
          </button>
        )}
      </header>
      <main id="main" tabIndex={-1}>
        {entered ? <CurrentPage /> : <TokenForm />}
      </main>
    </>
  );
}

document.documentElement.lang = locale;
const root = document.getElementById('app');
if (root !== null) render(<App />, root);
