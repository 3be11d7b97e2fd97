with delivered as (
    {{ newest_version(source('landing', 'in_store_transactions'), ['transaction_id'], 'updated_at') }}
),

renamed as (
    select
        transaction_id,
        {{ filled('store_id') }} as store_id,
        {{ filled('register_id') }} as register_id,
        {{ loyalty_number('loyalty_number') }} as loyalty_number,
        {{ filled('card_fingerprint') }} as card_fingerprint,
        {{ filled('receipt_email') }} as receipt_email,
        {{ filled('receipt_phone') }} as receipt_phone,
        upper({{ filled('currency') }}) as currency,
        {{ filled('status') }} as receipt_state,
        {{ filled('original_transaction_id') }} as original_transaction_id,
        total_amount::decimal(18, 2) as total_amount,
        discount_amount::decimal(18, 2) as discount_amount,
        coalesce(is_return, total_amount < 0, false) as is_return,
        sold_at,
        updated_at
    from delivered
)

select * from renamed
