{%- set raw = amazon_sp.raw_table('expected_payouts', family='finances') -%}
{%- set identifiers = amazon_sp.raw_value(raw, 'relatedIdentifiers', 'json') -%}
select
    {{ amazon_sp.raw_account(raw) }} as account,
    {{ amazon_sp.raw_value(raw, ['partnerMetadata.partnerId', 'partnerId']) }} as partner_id,
    {{ amazon_sp.raw_value(raw, ['partnerMetadata.accountType', 'accountType']) }} as account_type,
    {{ amazon_sp.raw_value(raw, ['partnerMetadata.marketplaceId', 'marketplaceId']) }} as marketplace_id,
    {{ amazon_sp.json_value(
        amazon_sp.json_named(identifiers, 'relatedIdentifierName', 'SETTLEMENT_ID'), 'relatedIdentifierValue', 'text'
    ) }} as settlement_id,
    {{ amazon_sp.raw_value(raw, 'status') }} as status,
    {{ amazon_sp.raw_value(raw, 'amount.currencyCode') }} as currency,
    {{ amazon_sp.raw_value(raw, 'amount.currencyAmount', 'number') }} as amount,
    {{ amazon_sp.raw_value(raw, 'paymentMethod') }} as payment_method,
    {{ amazon_sp.raw_value(raw, 'scheduledDate', 'timestamp') }} as scheduled_at,
    {{ amazon_sp.raw_value(raw, 'period.startDate', 'timestamp') }} as started_at,
    {{ amazon_sp.raw_value(raw, 'period.endDate', 'timestamp') }} as ended_at,
    {{ amazon_sp.raw_loaded_at(raw) }} as loaded_at
{{ amazon_sp.from_raw(raw) }}
