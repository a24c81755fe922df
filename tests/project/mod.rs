//! Tests of the room `project`.

mod disk;
mod drift;
mod existing;
mod expected;
mod handed_on;
mod hands;
mod own;
mod remembered;
mod import;
mod kinds;
mod lacking;
mod networks;
mod offline;
mod openstack;
mod order;
mod salt;
mod saved;
mod allowance;
mod catalogues;
mod creation_order;
mod secrets;
mod side_by_side;
mod templates;
mod together;
mod too_large;
mod two_clusters;
