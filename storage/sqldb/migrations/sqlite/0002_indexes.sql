CREATE INDEX "{{table}}_shop" ON "{{table}}" (shop);

CREATE INDEX "{{table}}_keep_until" ON "{{table}}" (keep_until) WHERE keep_until IS NOT NULL;

CREATE INDEX "{{table}}_fence_until" ON "{{table}}" (fence_until) WHERE fence_until > 0;
