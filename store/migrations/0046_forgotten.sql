-- +goose Up

-- What is deleted for ever, or was kept long enough, is found where backtests keep it.
CREATE INDEX backtest_runs_conversation ON backtest_runs (conversation_id);
CREATE INDEX backtest_runs_reasons ON backtest_runs (backtest_id) WHERE run ? 'verdict' OR other ? 'verdict';

CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);
