-- a table of its own, so that a changed state or amount of an order leaves the events as they are
select
    source_record_id as order_id,
    person_record_id
from {{ ref('ecommerce_order_interactions') }}
where source_record_type = 'order'
