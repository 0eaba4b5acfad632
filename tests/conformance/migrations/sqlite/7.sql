INSERT INTO lease (
  quote_id, lease, terms, quote_signature, renter, host, market, treasury, attestor, market_rev,
  nonce, card, card_name, card_uuids, driver_name, count, simulated, ssh_key, quoted_seconds,
  max_seconds, rate_lamports_per_hour, fee_bps, ready_deadline_s, gap_limit_s, claim_window_s,
  disk_bytes, ram_bytes, cpu_milli, price_lamports, total_lamports, expires_at_s, created_ms,
  remote_address, response, state, outcome, version, message, chain_slot, opened_slot,
  opened_at_s, started_at_s, seconds, proven_until_s, stopped_at_s, window_ends_s, closed,
  deadline_s, wanted, host_state, host_message, ssh_address, ssh_port, ssh_user, ssh_host_key,
  ssh_host_key_signature, boot_id, login_attempt, login_pending, login_asked_at_s, last_login_s,
  first_failure_s, last_failure_s, boot_mark, attested_until_s, attestation_signature,
  stop_asked_at_s, cancel_asked, settle_asked, host_lamports, fee_lamports, refunded_lamports,
  open_signature, ready_signature, stop_signature, confirmed_ms, first_login_ms, ended_ms
) VALUES (
  '0101010101010101010101010101010101010101010101010101010101010101',
  '7porTR32j7zt69GG4AwoPQx3f3FL2RLpSDKGtPXWTeaQ', '{"n":1}',
  '1111111111111111111111111111111111111111111111111111111111111111',
  '8qbHbw2BbbTHBW1sbeqakYXVKRQM8Ne7pLK7m6CVfeR', 'CktRuQ2mttgRGkXJtyksdKHjUdc2C4TgDzyB98oEzy8',
  'GgBaCs3NCBuZN12kCJgAW63ydqohFkHEdfdEXBPzLHq', 'LbUiWL3xVV8hTFYBVdbTNrpDo41NKS6o3LHHuDzjfcY',
  'QWmroo4YnnMqYW3cnxWkFdaTxGD3P7vMSzwMHGbUzwF', 1, 1, 'cpu', 'CPU', 'cpu-1
', '', 1, 0,
  'ssh-ed25519 AAAA test', 3600, 7200, 36000000, 300, 60, 180, 21600, 1073741824, 0, 0, 36000000,
  39000000, 1060, 1000000, '127.0.0.1', '', 4, 0, 3, 'Ready. The meter runs.', 510, 500, 1000,
  1005, 3600, 1005, 0, 0, 0, 1060, 3, 3, '', '10.1.2.3', 40022, 'root', 'ssh-ed25519 BBBB host',
  'AKAh9LUoWFG2sxAMotzmLNpKwPTCiG6Q4YTwAinZMnkvYKPAKVPwYSfoQDp8XLKWzpbCNx66XB1BrcD1ZUPqU39',
  'boot-1', 1, 0, 1004, 1005, 0, 0, 'mark-1', 1005,
  'BUguQsv2ZuHus54HAFzjdJHzZBkygAjKhEeYwSG19tUfUyvvz3worsdQCdAXDNjakJHioSiyxhFiDJrm8XpSXRA', 0,
  0, 0, NULL, NULL, NULL,
  'CeD7gRMFdZKnrBxCWczhvDmfAz4ke5NFKvqAi9jSwzCQReUhecVgBJb112WuuR9eVmzFDwMsQDWEa1WWhbF3aoB',
  'DojKwxnUhDMfqJr7ryzgD9FKnnNXbz1Axd1nUsCtk5v9NK2UKB3YVjYboRsJbTZiFFgmeRzkqjkkviAGGefeeBC',
  NULL, 1000400, 1000900, 0
);
INSERT INTO answer (
  caller, idempotency_key, asked, status, location, body, given_ms
) VALUES (
  '8qbHbw2BbbTHBW1sbeqakYXVKRQM8Ne7pLK7m6CVfeR', 'key-1',
  'cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd', 201, '/v1/quotes/x', '{}', 9
);
INSERT INTO audit (
  seq, at_ms, who, what, subject, words
) VALUES (
  1, 5, 'US517G5965aydkZ46HS38QLi7UQiSojurfbQfKCELFx', 'refuse',
  'CktRuQ2mttgRGkXJtyksdKHjUdc2C4TgDzyB98oEzy8', 'It lied.'
);
INSERT INTO card_sample (
  card, simulated, slot_ms, from_micro_usd, from_lamports, free_cards, used_cards, listed_cards,
  logins, login_p50_ms, login_p95_ms
) VALUES (
  'cpu', 0, 1795003200000, 880000, NULL, 1, 1, 2, 1, 500, 500
);
INSERT INTO counter (
  name, value
) VALUES (
  'nonce', 41
);
INSERT INTO held_card (
  host, uuid, lease
) VALUES (
  'CktRuQ2mttgRGkXJtyksdKHjUdc2C4TgDzyB98oEzy8', 'cpu-1',
  '7porTR32j7zt69GG4AwoPQx3f3FL2RLpSDKGtPXWTeaQ'
);
INSERT INTO lease_event (
  seq, lease, at_ms, kind, message
) VALUES (
  1, '7porTR32j7zt69GG4AwoPQx3f3FL2RLpSDKGtPXWTeaQ', 1000300, 'open_confirmed',
  'Paid. Your machine is being checked.'
);
INSERT INTO lease_event (
  seq, lease, at_ms, kind, message
) VALUES (
  2, '7porTR32j7zt69GG4AwoPQx3f3FL2RLpSDKGtPXWTeaQ', 1001000, 'ready_confirmed',
  'Ready. The meter runs.'
);
INSERT INTO listing (
  host, text, signature, seq
) VALUES (
  'CktRuQ2mttgRGkXJtyksdKHjUdc2C4TgDzyB98oEzy8', '{"host":"it''s"}',
  'EyFYDWDhksPYpRk3DLzeW4izQagJZte6bKCQFagLYBdtJyaEyjbQpAWCbqDhHVymzjPJ4vdeHG1HHQp1qi6FhZD',
  1795000000000
);
INSERT INTO outbox (
  id, lease, kind, payload, due_ms, attempts, sent_wire, sent_last_valid
) VALUES (
  '7porTR32j7zt69GG4AwoPQx3f3FL2RLpSDKGtPXWTeaQ:3:0',
  '7porTR32j7zt69GG4AwoPQx3f3FL2RLpSDKGtPXWTeaQ', 'log_in', '2 0 0', 1060000, 2, 'AQID', 700
);
INSERT INTO refusal (
  address, at_ms, why
) VALUES (
  'CktRuQ2mttgRGkXJtyksdKHjUdc2C4TgDzyB98oEzy8', 7, 'It lied.'
);
INSERT INTO report (
  seq, signature, at_ms, host, lease, reason, words, reporter, remote_address, said
) VALUES (
  1, 'G8mkV3evpXRRoYdxZhzcnzCf2Nz5XoH2E1P22J9nLHMdFe81eJ9H8bToQEa5yYPqkD5pVRGXinFoe7TmQmWrkwE',
  6, 'CktRuQ2mttgRGkXJtyksdKHjUdc2C4TgDzyB98oEzy8', NULL, 'other', 'It is slow.',
  '8qbHbw2BbbTHBW1sbeqakYXVKRQM8Ne7pLK7m6CVfeR', '127.0.0.1', 'said'
);
INSERT INTO session (
  id, token_hash, wallet, nonce, label, created_ms, expires_ms, revoked
) VALUES (
  's-1', 'abababababababababababababababababababababababababababababababab',
  '8qbHbw2BbbTHBW1sbeqakYXVKRQM8Ne7pLK7m6CVfeR', 'n-1', 'laptop', 8, 9000000000000, 0
);
