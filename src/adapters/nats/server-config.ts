import { MAX_MESSAGE_BYTES } from '../../ota/topics.ts';
import { createIssuer } from './issuer.ts';
import { AUTH_USER_SUFFIX, CLOUD_ACCOUNT } from './login.ts';

/** Files of certificates, as the server's machine names them. */
export interface ServerTls {
  readonly cert: string;
  readonly key: string;
  /** Given, every client must show a certificate that this authority signed. */
  readonly clientAuthority?: string | undefined;
}

export interface NatsServerSettings {
  readonly serverName: string;
  /** `host:port` for NATS clients: the cloud, and programs that read events. */
  readonly listen: string;
  /** `host:port` for devices. */
  readonly mqttListen: string;
  /** `host:port` of the health and monitoring pages; none when left out. */
  readonly monitorListen?: string | undefined;
  readonly storeFolder: string;
  /** Where the server writes its process id, for whoever tells it to reload. */
  readonly pidFile?: string | undefined;
  /** The cloud's login. The password is the one secret: whoever has it may say what the cloud may say. */
  readonly login: { readonly user: string; readonly password: string };
  readonly tls?: ServerTls | undefined;
}

const AUTH_TIMEOUT_SECONDS = 5;
/** What is a little too large is counted and logged by the cloud; what is far too large ends its connection. */
const LARGEST_BYTES = 2 * MAX_MESSAGE_BYTES;

const quoted = (text: string): string => JSON.stringify(text);

function tlsBlock({ cert, key, clientAuthority }: ServerTls): string {
  const verification =
    clientAuthority === undefined ? '' : `, ca_file: ${quoted(clientAuthority)}, verify: true`;
  return `tls { cert_file: ${quoted(cert)}, key_file: ${quoted(key)}${verification} }`;
}

/**
 * The configuration of a NATS server that carries the device link. Devices are not in it: the server asks the cloud
 * about each login, so that adding and revoking one needs no change here. The second user may do nothing but answer
 * those questions and end connections, in the system account, where no other program hears the devices' secrets.
 */
export function natsServerConfig(settings: NatsServerSettings): string {
  const { serverName, listen, mqttListen, monitorListen, storeFolder, pidFile, login, tls } = settings;
  const monitor = monitorListen === undefined ? '' : `\nhttp: ${quoted(monitorListen)}`;
  const pid = pidFile === undefined ? '' : `\npid_file: ${quoted(pidFile)}`;
  const security = tls === undefined ? '' : `\n${tlsBlock(tls)}`;
  const authUser = `${login.user}${AUTH_USER_SUFFIX}`;
  const password = quoted(login.password);
  return `# Made by "lifo4-ml nats config": make it anew instead of editing it. A running server takes a new one over by
# "nats-server --signal reload=PID_FILE". It holds the cloud's password: keep it from others.
server_name: ${quoted(serverName)}
listen: ${quoted(listen)}${monitor}${pid}
max_payload: ${LARGEST_BYTES}
jetstream { store_dir: ${quoted(storeFolder)} }${security}
mqtt {
  listen: ${quoted(mqttListen)}
  reject_qos2_publish: true${security.replaceAll('\n', '\n  ')}
}
system_account: SYS
accounts {
  ${CLOUD_ACCOUNT} {
    jetstream: enabled
    users: [ { user: ${quoted(login.user)}, password: ${password} } ]
  }
  SYS {
    users: [ {
      user: ${quoted(authUser)}, password: ${password}
      permissions {
        publish { allow: [ "$SYS.REQ.SERVER.PING.CONNZ", "$SYS.REQ.SERVER.*.KICK" ] }
        subscribe { allow: [ "$SYS.REQ.USER.AUTH", "_INBOX.>" ] }
        allow_responses { max: 1, expires: "1m" }
      }
    } ]
  }
}
authorization {
  timeout: ${AUTH_TIMEOUT_SECONDS}
  auth_callout {
    issuer: ${createIssuer(login.password).publicKey}
    account: SYS
    auth_users: [ ${quoted(login.user)}, ${quoted(authUser)} ]
  }
}
`;
}
