import { readFileSync } from 'node:fs';
import { createTransport } from 'nodemailer';
import type { Channel, Message, Severity } from '../../model/notification.ts';
import { post } from './post.ts';

const PRIORITY: Readonly<Record<Severity, number>> = { info: 3, warning: 4, critical: 5 };
const JSON_TYPE = { 'content-type': 'application/json' };

/** Sends a message. `id` is the same for each attempt. Throws when it is not delivered. */
export async function send(channel: Channel, message: Message, id: string): Promise<void> {
  const text = `${message.title}\n\n${message.body}`;
  switch (channel.kind) {
    case 'ntfy': {
      const { title, body } = message;
      const json = { topic: channel.topic, title, message: body, priority: PRIORITY[message.severity] };
      return post(channel.url, JSON.stringify(json), { ...JSON_TYPE, ...bearer(channel.tokenFile) });
    }
    case 'telegram': {
      const target = `${channel.url}/bot${secret(channel.tokenFile)}/sendMessage`;
      return post(target, JSON.stringify({ chat_id: channel.chat, text: text.slice(0, 4000) }), JSON_TYPE);
    }
    case 'webhook': {
      const target = channel.url ?? secret(channel.urlFile ?? '');
      const body = JSON.stringify(webhookBody(channel.template, message, text));
      const headers = { ...JSON_TYPE, ...tokenFor(channel) };
      if (channel.template !== 'matrix') return post(target, body, headers);
      return post(`${target.replace(/\/$/, '')}/${encodeURIComponent(id)}`, body, headers, 'PUT');
    }
    case 'email': {
      const { host, port, security, user, passwordFile, from, to } = channel;
      const auth = user === null ? {} : { auth: { user, pass: secret(passwordFile ?? '') } };
      const limits = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 10_000 };
      const transport = createTransport({
        ...{ host, port, secure: security === 'tls', ...auth, ...limits },
        ...{ requireTLS: security === 'starttls', ignoreTLS: security === 'none' },
        ...{ disableFileAccess: true, disableUrlAccess: true },
      });
      const mail = { from, to: [...to], subject: message.title, text: message.body };
      await transport.sendMail({ ...mail, messageId: `<${id}@vigia>` });
    }
  }
}

type Webhook = Extract<Channel, { kind: 'webhook' }>;

/** What each receiver's own documentation asks for. */
function webhookBody(template: Webhook['template'], message: Message, text: string): object {
  switch (template) {
    case 'json':
      return message;
    case 'slack':
      return { text: text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;') };
    case 'discord':
      return { content: text.slice(0, 2000), allowed_mentions: { parse: [] } };
    case 'gotify':
      return { title: message.title, message: message.body, priority: 2 * PRIORITY[message.severity] - 2 };
    case 'matrix':
      return { msgtype: 'm.text', body: text };
  }
}

const tokenFor = ({ template, tokenFile }: Webhook): Record<string, string> =>
  template === 'gotify' && tokenFile !== null ? { 'x-gotify-key': secret(tokenFile) } : bearer(tokenFile);

const bearer = (file: string | null): Record<string, string> =>
  file === null ? {} : { authorization: `Bearer ${secret(file)}` };

const secret = (file: string): string => readFileSync(file, 'utf8').trim();
